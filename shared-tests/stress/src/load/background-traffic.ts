import type { Client, Incoming } from '@switchyard/harness'
import type { Stage } from '../stage.ts'
import { strangeBytes } from './errors.ts'

const MESSAGE_BYTES = 64
/** So leisurely that a busy machine carries it too, and that a stall is told from a delay. */
const PACE_MS = 10
const WARMUP_MS = 200

/** Pairs that have nothing to do with what else happens: each sends one message at a time, at a leisurely pace. */
export class BackgroundTraffic implements Disposable {
  readonly #stage: Stage
  readonly #background: readonly Chat[]
  readonly #pace: NodeJS.Timeout

  private constructor(stage: Stage, background: readonly Chat[]) {
    this.#stage = stage
    this.#background = background
    this.#pace = setInterval(() => background.forEach((chat) => chat.next()), PACE_MS)
  }

  /** Settles when they are up to speed. */
  static async begin(stage: Stage, pairs: number): Promise<BackgroundTraffic> {
    const clients = await stage.connect(2 * pairs)
    const background = Array.from(
      { length: pairs },
      (_, index) => new Chat(stage, clients[2 * index]!, clients[2 * index + 1]!, index + 1),
    )
    const all = new BackgroundTraffic(stage, background)
    try {
      await stage.pause(WARMUP_MS)
      return all
    } catch (error) {
      all[Symbol.dispose]()
      throw error
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pace)
  }

  /** What each pair gets through within `ms`, messages. */
  async watch(ms: number): Promise<readonly number[]> {
    const before = this.#background.map((chat) => chat.arrived)
    await this.#stage.pause(ms)
    return this.#background.map((chat, index) => chat.arrived - before[index]!)
  }
}

class Chat {
  readonly #sender: Client
  readonly #message: Uint8Array
  readonly #incoming: Incoming
  #sent = 0

  constructor(stage: Stage, sender: Client, receiver: Client, fill: number) {
    this.#sender = sender
    const talk = stage.pair(sender, receiver)
    this.#message = talk.message(MESSAGE_BYTES, fill)
    this.#incoming = talk.incoming(MESSAGE_BYTES, fill)
    receiver.received = (bytes) => {
      if (!this.#incoming.take(bytes)) stage.fail(strangeBytes())
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
