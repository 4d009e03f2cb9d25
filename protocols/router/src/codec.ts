/** A client's end of a connection: what it writes, and how it reads what the server writes. */
import type { ClientId } from '@switchyard/core'
import { UnfinishedMessage } from './unfinished-message.ts'
import { encodeId, ID_BYTES, isTooLong, messageBytesMaxOf, Scan } from './wire.ts'
import type { MessageLimits } from './wire.ts'

/** R1.3: id, body, NUL. Throws RangeError if `to` is no unsigned 32-bit integer, or `body` contains a NUL. */
export function encodeMessage(to: ClientId, body: Uint8Array): Uint8Array {
  const nul = body.indexOf(0)
  if (nul !== -1) throw new RangeError(`body has a NUL at ${nul}: the message would end there (R1.3)`)
  const message = new Uint8Array(ID_BYTES + body.length + 1)
  message.set(encodeId(to))
  message.set(body, ID_BYTES)
  return message
}

/** Reads what the server sends to one client: its id (R1.2), then bodies, each with its NUL (R1.4). */
export class ClientDecoder {
  readonly #messageBytesMax: number
  #id = 0
  #idBytes = 0
  #unfinished: UnfinishedMessage | undefined

  /** Throws RangeError if the limit is out of range. */
  constructor(limits: MessageLimits) {
    this.#messageBytesMax = messageBytesMaxOf(limits)
  }

  /** This client's own id; undefined until all of it has come. */
  get id(): ClientId | undefined {
    return this.#idBytes === ID_BYTES ? this.#id : undefined
  }

  /**
   * Takes the next bytes, cut anywhere. Returns the bodies that they complete, in order, without NULs, each in memory
   * of its own. Throws RangeError at a message that is too long; the decoder is of no use after that.
   */
  decode(chunk: Uint8Array): Uint8Array[] {
    const bodies: Uint8Array[] = []
    const scan = new Scan(chunk)
    let start = this.#decodeId(chunk)
    while (start < chunk.length) {
      const nul = scan.indexOfNul(start)
      const complete = nul !== -1
      const end = complete ? nul + 1 : chunk.length
      const message = this.#extend(chunk.subarray(start, end), complete)
      if (complete) bodies.push(message.bytes.subarray(0, -1))
      this.#unfinished = complete ? undefined : message
      start = end
    }
    return bodies
  }

  /** Returns where in `chunk` the messages begin. */
  #decodeId(chunk: Uint8Array): number {
    let at = 0
    while (this.#idBytes < ID_BYTES && at < chunk.length) {
      this.#id = this.#id * 256 + chunk[at++]!
      this.#idBytes++
    }
    return at
  }

  /** Adds `part` to the unfinished message, or begins one with it. */
  #extend(part: Uint8Array, complete: boolean): UnfinishedMessage {
    const message = this.#unfinished ?? new UnfinishedMessage(this.#messageBytesMax)
    if (isTooLong(message.length + part.length, complete, this.#messageBytesMax)) {
      throw new RangeError(`a message is longer than messageBytesMax, which is ${this.#messageBytesMax}`)
    }
    message.append(part, complete)
    return message
  }
}
