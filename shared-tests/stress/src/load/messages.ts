import { message } from '@switchyard/protocols/router/suite'

/** One message to client `to`, so many bytes `fill` (which is not 0) that body and NUL are `messageBytes` long. */
export function filled(to: number, messageBytes: number, fill: number): Uint8Array {
  return message(to, new Uint8Array(messageBytes - 1).fill(fill))
}

/** `messages`, one after the other, as often as they fit into `bytesMax`, at least once. */
export function batchOf(messages: readonly Uint8Array[], bytesMax: number): Uint8Array {
  const round = Buffer.concat(messages)
  const times = Math.max(1, Math.floor(bytesMax / round.length))
  return Buffer.alloc(times * round.length, round)
}

/** A stream of equal messages of one sender, as it arrives. */
export class Incoming {
  #bytes = 0
  readonly #messageBytes: number
  readonly #fill: number

  constructor(messageBytes: number, fill: number) {
    this.#messageBytes = messageBytes
    this.#fill = fill
  }

  /** Those that are complete. */
  get messages(): number {
    return Math.floor(this.#bytes / this.#messageBytes)
  }

  /** Counts a chunk, and compares it: false if other bytes than expected stand there. */
  take(chunk: Uint8Array): boolean {
    for (const byte of chunk) {
      this.#bytes++
      if (byte !== (this.#bytes % this.#messageBytes === 0 ? 0 : this.#fill)) return false
    }
    return true
  }
}
