import { EqualMessages } from '@switchyard/harness/portable'
import type { FromSeveral, Greeting, PairDialect } from '@switchyard/harness/portable'
import { ID_BYTES, message, readId } from './client/message.ts'

/**
 * Four bytes of id, then messages whose receiver does not see whom they were addressed to. A message's size is counted as in
 * R5.1, body and NUL: for a 32-byte message the sender writes 36 bytes, and the receiver gets 32.
 */
export const DIALECT: PairDialect = {
  routes: true,
  greet,
  pair: (_from, { address }) => {
    const encode = (messageBytes: number, fill: number): Uint8Array =>
      message(Number(address), new Uint8Array(messageBytes - 1).fill(fill))
    return {
      message: encode,
      incoming: (messageBytes, fill) => new EqualMessages(encode(messageBytes, fill).subarray(ID_BYTES)),
    }
  },
  several: (messageBytes) => new Several(messageBytes),
}

/** The id may come in pieces. */
function greet(): Greeting {
  const id = new Uint8Array(ID_BYTES)
  let heard = 0
  return {
    hears(bytes) {
      const part = bytes.subarray(0, ID_BYTES - heard)
      id.set(part, heard)
      heard += part.length
      return heard < ID_BYTES ? undefined : { address: readId(id), rest: bytes.subarray(part.length) }
    },
  }
}

/** Looks at a message's ends and at the ends of each chunk, which is where a fault would cut. */
class Several implements FromSeveral {
  messages = 0
  readonly #messageBytes: number
  readonly #byFill = new Map<number, number>()
  #at = 0
  #fill = 0

  constructor(messageBytes: number) {
    this.#messageBytes = messageBytes
  }

  get whole(): boolean {
    return this.#at === 0
  }

  with(fill: number): number {
    return this.#byFill.get(fill) ?? 0
  }

  take(chunk: Uint8Array): boolean {
    for (let at = 0; at < chunk.length;) {
      if (this.#at === 0) this.#fill = chunk[at]!
      const part = Math.min(chunk.length - at, this.#messageBytes - this.#at)
      const ends = this.#at + part === this.#messageBytes
      if (chunk[at] !== (ends && part === 1 ? 0 : this.#fill)) return false
      if (chunk[at + part - 1] !== (ends ? 0 : this.#fill)) return false
      at += part
      this.#at += part
      if (!ends) continue
      this.#at = 0
      this.messages++
      this.#byFill.set(this.#fill, this.with(this.#fill) + 1)
    }
    return true
  }
}
