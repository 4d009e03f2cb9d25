import { batchOf } from '@switchyard/harness'
import type { Client, Crowd, IncomingFromCrowd } from '@switchyard/harness'
import type { Stage } from '../stage.ts'
import { strangeBytes } from './errors.ts'

/** Between two that talk. */
const PACE_MS = 10

/** One who hears what is said in a group. */
export interface Member {
  readonly client: Client
  readonly incoming: IncomingFromCrowd
}

/** One group, whose members talk in turn: each says several messages at once. */
export class GroupTraffic implements Disposable {
  /** Messages, each of which every member is to hear. */
  said = 0
  readonly members: readonly Member[]
  readonly #message: Uint8Array
  #heard = (): void => {}
  #pace: NodeJS.Timeout | undefined
  #next = 0

  private constructor(stage: Stage, crowd: Crowd, clients: readonly Client[], messageBytes: number) {
    this.#message = crowd.message(messageBytes)
    this.members = clients.map((client) => {
      const incoming = crowd.incoming(messageBytes)
      client.received = (bytes) => {
        if (!incoming.take(bytes)) return stage.fail(strangeBytes())
        this.#heard()
      }
      return { client, incoming }
    })
  }

  /** Settles when all have joined. */
  static async begin(stage: Stage, count: number, messageBytes: number): Promise<GroupTraffic> {
    const crowd = stage.crowd(1)
    const clients = await stage.connect(count)
    await stage.join(clients, crowd)
    return new GroupTraffic(stage, crowd, clients, messageBytes)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pace)
  }

  /** The next of `talkers` says so many messages. */
  say(talkers: readonly Member[], messages: number): void {
    const { client } = talkers[this.#next++ % talkers.length]!
    this.said += messages
    client.write(batchOf([this.#message], messages * this.#message.length))
  }

  /** `talkers` say so many messages a second, as long as they have heard those of the second before. */
  talk(talkers: readonly Member[], messagesPerSecond: number): void {
    const each = (messagesPerSecond * PACE_MS) / 1000
    let dueAtMs = performance.now()
    this.#pace = setInterval(() => {
      for (; dueAtMs <= performance.now(); dueAtMs += PACE_MS) {
        if (this.said + each - heardByAll(talkers) <= messagesPerSecond) this.say(talkers, each)
      }
    }, PACE_MS)
  }

  stop(): void {
    clearInterval(this.#pace)
  }

  /** Settles when each of `members` has heard, or was told that it missed, all that was said: true; or after `ms`: false. */
  async allHeard(stage: Stage, members: readonly Member[], ms: number): Promise<boolean> {
    let cancel = (): void => {}
    const heard = new Promise<boolean>((resolve) => {
      const look = (): void => {
        if (members.every(({ incoming }) => incoming.messages + incoming.missed >= this.said)) resolve(true)
      }
      this.#heard = look
      const timeout = setTimeout(() => resolve(false), ms)
      cancel = () => clearTimeout(timeout)
      look()
    })
    try {
      return await stage.unless(heard)
    } finally {
      cancel()
      this.#heard = () => {}
    }
  }
}

function heardByAll(members: readonly Member[]): number {
  return Math.min(...members.map(({ incoming }) => incoming.messages + incoming.missed))
}
