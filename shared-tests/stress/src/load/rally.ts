import type { Client } from './client.ts'
import { filled, Incoming } from './messages.ts'
import type { Stage } from '../stage.ts'
import { strangeBytes } from './troubles.ts'

/** What each of the two gets: body and NUL. */
export const RALLY_BYTES: number = 32

/** Two clients with one message under way between them, there or back. */
export class Rally {
  /** Arrived, there and back. */
  messages = 0
  readonly #sender: Client
  readonly #message: Uint8Array

  /** `fill`, from 1, tells its messages from those of other rallies. */
  constructor(stage: Stage, sender: Client, receiver: Client, fill: number) {
    const answer = filled(sender.id, RALLY_BYTES, fill)
    this.#sender = sender
    this.#message = filled(receiver.id, RALLY_BYTES, fill)
    receiver.received = this.#counted(stage, fill, () => receiver.write(answer))
    sender.received = this.#counted(stage, fill, () => this.serve())
  }

  serve(): void {
    this.#sender.write(this.#message)
  }

  #counted(stage: Stage, fill: number, whole: () => void): (chunk: Uint8Array) => void {
    const incoming = new Incoming(RALLY_BYTES, fill)
    return (chunk) => {
      const before = incoming.messages
      if (!incoming.take(chunk)) return stage.fail(strangeBytes())
      if (incoming.messages === before) return
      this.messages++
      whole()
    }
  }
}
