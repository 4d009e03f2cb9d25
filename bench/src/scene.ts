import { setTimeout as delay } from 'node:timers/promises'
import type { CloseReason, StatisticsSnapshot } from '@switchyard/core'
import type { Client } from './client.ts'
import type { Failure } from './failure.ts'
import type { Pair } from './pairs.ts'
import type { Recovery, StallOptions, StallTarget } from './stall.ts'
import { encodeMessage, ID_BYTES, Incoming, repeat } from './wire.ts'

type Held = StatisticsSnapshot['held']

const BATCH_BYTES = 64 * 1024
const WARMUP_MS = 300
const SAMPLE_MS = 50
const RECOVERY_SAMPLE_MS = 10
/** A stall that does not stand by then never will: the server, or the machine, takes more and more. */
const STAND_MS = 15_000
/** Beyond the write deadline, how long the pairs are waited for. */
const RECOVERY_SLACK_MS = 5_000

/** Who plays. */
export interface Cast {
  readonly pairs: readonly Pair[]
  readonly eager: readonly Client[]
  readonly stalled: Client
}

export interface Watched {
  /** Messages of the unrelated pairs a second. */
  readonly rate: number
  /** When most was held. */
  readonly held: Held
}

export interface Flooded {
  readonly stands: boolean
  readonly held: Held
}

/** Everybody on the stage, and what can be seen of them. Disposing of it ends the unrelated pairs' traffic. */
export class Scene implements Disposable {
  readonly #server: StallTarget
  readonly #options: StallOptions
  readonly #failure: Failure
  readonly #chats: readonly Chat[]
  readonly #floods: readonly Flood[]
  readonly #stalled: Client
  #pace: NodeJS.Timeout | undefined

  constructor(server: StallTarget, options: StallOptions, failure: Failure, { pairs, eager, stalled }: Cast) {
    const { messageBytes, offeredBytesMax } = options
    this.#server = server
    this.#options = options
    this.#failure = failure
    this.#stalled = stalled
    this.#chats = pairs.map((pair) => new Chat(pair, messageBytes, failure.fail))
    const batch = repeat(encodeMessage(stalled.id, messageBytes, 1), BATCH_BYTES)
    this.#floods = eager.map((sender) => new Flood(sender, batch, offeredBytesMax / eager.length))
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pace)
  }

  get takenBytes(): number {
    return this.#floods.reduce((sum, flood) => sum + flood.takenBytes, 0)
  }

  /** The unrelated pairs begin, and get up to speed. */
  async begin(): Promise<void> {
    this.#pace = setInterval(() => this.#chats.forEach((chat) => chat.next()), this.#options.paceMs)
    await this.#pause(WARMUP_MS)
  }

  async watch(): Promise<Watched> {
    const begunAtMs = performance.now()
    const arrived = this.#arrived()
    let held = await this.#held()
    while (performance.now() - begunAtMs < this.#options.watchMs) {
      await this.#pause(SAMPLE_MS)
      held = more(held, await this.#held())
    }
    const seconds = (performance.now() - begunAtMs) / 1000
    return { rate: (this.#arrived() - arrived) / seconds, held }
  }

  /**
   * From here on one client reads nothing, and everything is sent to it that anybody takes. The quiet is counted in
   * samples, each of which the server has answered: a machine that was busy elsewhere is no stall.
   */
  async floodUntilQuiet(): Promise<Flooded> {
    const begunAtMs = performance.now()
    let held = await this.#held()
    let takenBytes = 0
    let quietMs = 0
    this.#stalled.stall()
    for (const flood of this.#floods) flood.next()
    while (quietMs < this.#options.quietMs) {
      if (performance.now() - begunAtMs >= STAND_MS) return { stands: false, held }
      await this.#pause(SAMPLE_MS)
      held = more(held, await this.#held())
      quietMs = this.takenBytes === takenBytes ? quietMs + SAMPLE_MS : 0
      takenBytes = this.takenBytes
    }
    return { stands: true, held }
  }

  async stalledIsGone(): Promise<boolean> {
    return (await this.#reason()) !== undefined
  }

  /** Waits until every unrelated pair has gone on. */
  async recovery(): Promise<Recovery> {
    const stoodAtMs = this.#tookAtMs()
    const boundMs = this.#server.limits.writeDeadlineMs + RECOVERY_SLACK_MS
    const arrived = this.#chats.map((chat) => chat.arrived)
    while (this.#chats.some((chat, i) => chat.arrived === arrived[i])) {
      if (performance.now() - stoodAtMs >= boundMs) return { state: 'not-recovered', waitedMs: boundMs }
      await this.#pause(RECOVERY_SAMPLE_MS)
    }
    const afterMs = performance.now() - stoodAtMs
    return { state: 'recovered', afterMs, reason: (await this.#reason()) ?? null }
  }

  #arrived(): number {
    return this.#chats.reduce((sum, chat) => sum + chat.arrived, 0)
  }

  /** When something was last taken from a sender. */
  #tookAtMs(): number {
    return Math.max(...this.#floods.map((flood) => flood.tookAtMs))
  }

  async #held(): Promise<Held> {
    return (await this.#server.statistics()).held
  }

  /** Why the server closed the stalled client; undefined as long as it has not. */
  async #reason(): Promise<CloseReason | undefined> {
    const { lastCloses } = await this.#server.statistics()
    return lastCloses.find(({ client }) => client === this.#stalled.id)?.reason
  }

  async #pause(ms: number): Promise<void> {
    await this.#failure.unless(delay(ms))
  }
}

/** One unrelated pair: one message at a time. */
class Chat {
  readonly #sender: Client
  readonly #message: Buffer
  readonly #incoming: Incoming
  #sent = 0

  constructor({ sender, receiver, fill }: Pair, messageBytes: number, fail: (why: Error) => void) {
    this.#sender = sender
    this.#message = encodeMessage(receiver.id, messageBytes, fill)
    this.#incoming = new Incoming(this.#message.subarray(ID_BYTES))
    receiver.received = (bytes) => {
      if (!this.#incoming.take(bytes)) fail(new Error('a client got other bytes than were sent to it'))
    }
  }

  get arrived(): number {
    return this.#incoming.messages
  }

  /** Sends a message, if the one before has arrived. */
  next(): void {
    if (this.arrived < this.#sent) return
    this.#sent++
    this.#sender.write(this.#message)
  }
}

/** One eager sender: offers its share, a batch at a time, each as soon as the one before it has been taken. */
class Flood {
  takenBytes = 0
  tookAtMs = 0
  readonly #sender: Client
  readonly #batch: Buffer
  readonly #offeredBytesMax: number

  constructor(sender: Client, batch: Buffer, offeredBytesMax: number) {
    this.#sender = sender
    this.#batch = batch
    this.#offeredBytesMax = offeredBytesMax
  }

  next(): void {
    this.tookAtMs = performance.now()
    if (this.takenBytes + this.#batch.length > this.#offeredBytesMax) return
    this.#sender.write(this.#batch, () => {
      this.takenBytes += this.#batch.length
      this.next()
    })
  }
}

/** Whichever is more in all. */
export function more(one: Held, other: Held): Held {
  return other.total > one.total ? other : one
}
