import type { Client, Incoming } from '@switchyard/harness'
import type { Stage } from '../stage.ts'
import { strangeBytes } from './errors.ts'

/** What each of the two gets: body and NUL. */
export const PING_PONG_BYTES: number = 32

/** Two clients with one message under way between them, there or back. */
export class PingPong {
  /** Arrived, there and back. */
  messages = 0
  readonly #sender: Client
  readonly #message: Uint8Array

  /** `fill`, from 1, tells its messages from those of other exchanges. */
  constructor(stage: Stage, sender: Client, receiver: Client, fill: number) {
    const [out, back] = [stage.pair(sender, receiver), stage.pair(receiver, sender)]
    const answer = back.message(PING_PONG_BYTES, fill)
    this.#sender = sender
    this.#message = out.message(PING_PONG_BYTES, fill)
    receiver.received = this.#counted(stage, out.incoming(PING_PONG_BYTES, fill), () => receiver.write(answer))
    sender.received = this.#counted(stage, back.incoming(PING_PONG_BYTES, fill), () => this.serve())
  }

  serve(): void {
    this.#sender.write(this.#message)
  }

  #counted(stage: Stage, incoming: Incoming, whole: () => void): (chunk: Uint8Array) => void {
    return (chunk) => {
      const before = incoming.messages
      if (!incoming.take(chunk)) return stage.fail(strangeBytes())
      if (incoming.messages === before) return
      this.messages++
      whole()
    }
  }
}
