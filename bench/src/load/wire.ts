/**
 * The wire, as far as a load needs it (PROTOCOL, section 1): an encoder of its own, so that no fault of a server's codec
 * is on both sides of a measurement.
 *
 * A message's size is counted as in R5.1, here and everywhere in this package: body and NUL, without the id in front. A
 * 32-byte message is 31 bytes of body and the NUL; the sender writes 36 bytes, the receiver gets 32.
 */
export const ID_BYTES = 4

/** One message to client `to`, its body so many bytes `fill` (which is not 0) that it is `messageBytes` long. */
export function encodeMessage(to: number, messageBytes: number, fill: number): Buffer {
  const message = Buffer.alloc(ID_BYTES + messageBytes, fill)
  message.writeUInt32BE(to, 0)
  message[message.length - 1] = 0
  return message
}

/** As many copies of `message` as fit into `bytesMax`, at least one. */
export function repeat(message: Uint8Array, bytesMax: number): Buffer {
  const times = Math.max(1, Math.floor(bytesMax / message.length))
  return Buffer.alloc(times * message.length, message)
}

/** A stream of equal messages as it arrives. They are known, so they are counted by their bytes, not looked for. */
export class Incoming {
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

  /** Those that are complete. */
  get messages(): number {
    return Math.floor(this.bytes / this.messageBytes)
  }

  /** Whether no message is cut at this moment. */
  get whole(): boolean {
    return this.bytes % this.messageBytes === 0
  }

  /** Counts a chunk, and compares one message's length of it: false if other bytes than expected stand there. */
  take(chunk: Uint8Array): boolean {
    const at = this.bytes % this.messageBytes
    this.bytes += chunk.length
    if (!this.#expected) return true
    const looked = Math.min(chunk.length, this.messageBytes)
    return this.#expected.compare(chunk, 0, looked, at, at + looked) === 0
  }
}
