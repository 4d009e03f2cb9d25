import type { Incoming } from './dialect.ts'

/** A stream of equal messages as it arrives. They are known, so they are counted by their bytes, not looked for. */
export class EqualMessages implements Incoming {
  bytes = 0
  /** What one message comes to. */
  readonly messageBytes: number
  /** Two messages: whatever part of the stream comes next, its first bytes are somewhere in here. */
  readonly #expected: Buffer | undefined

  /** `checked`: the bytes are to be `message`'s, over and over; otherwise only their number counts. */
  constructor(message: Uint8Array, { checked = true }: { readonly checked?: boolean } = {}) {
    this.messageBytes = message.length
    this.#expected = checked ? Buffer.concat([message, message]) : undefined
  }

  get messages(): number {
    return Math.floor(this.bytes / this.messageBytes)
  }

  get whole(): boolean {
    return this.bytes % this.messageBytes === 0
  }

  /** Compares one message's length of a chunk. */
  take(chunk: Uint8Array): boolean {
    const at = this.bytes % this.messageBytes
    this.bytes += chunk.length
    if (!this.#expected) return true
    const looked = Math.min(chunk.length, this.messageBytes)
    return this.#expected.compare(chunk, 0, looked, at, at + looked) === 0
  }
}

/** `messages`, one after the other, as often as they fit into `bytesMax`, at least once. */
export function batchOf(messages: readonly Uint8Array[], bytesMax: number): Uint8Array {
  const round = Buffer.concat(messages)
  const times = Math.max(1, Math.floor(bytesMax / round.length))
  return Buffer.alloc(times * round.length, round)
}
