const LF = 0x0a
const ZERO = 0x30
const NINE = 0x39
const CRLF_BYTES = 2
const NOTHING = Buffer.alloc(0)

export interface Takers {
  /** Memory for so many bytes of a payload: exactly as long. */
  memory(bytes: number): Uint8Array
  /** A payload of the subject that is listened to. */
  take(payload: Uint8Array): void
  /** Everything else, in order and in pieces: valid only during the call. */
  rest(bytes: Uint8Array): void
}

/** Parts what a NATS server sends, cut anywhere: payloads for one subject, and the rest, which the client reads. */
export class Incoming {
  readonly #takers: Takers
  #ours: Buffer | undefined
  /** The beginning of a line. */
  #line: Buffer = NOTHING
  /** Bytes of a payload that have not come, its CRLF among them. */
  #left = 0
  #payload: Uint8Array | undefined
  #filled = 0

  constructor(takers: Takers) {
    this.#takers = takers
  }

  listen(subject: string): void {
    this.#ours = Buffer.from(`MSG ${subject} `, 'latin1')
  }

  read(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const end = Math.min(chunk.length, at + this.#left)
        this.#body(chunk.subarray(at, end))
        at = end
        continue
      }
      const eol = chunk.indexOf(LF, at)
      const end = eol === -1 ? chunk.length : eol + 1
      const part = chunk.subarray(at, end)
      const line = this.#line.length > 0 ? Buffer.concat([this.#line, part]) : part
      at = end
      if (eol === -1) this.#line = Buffer.from(line)
      else {
        this.#line = NOTHING
        this.#head(line)
      }
    }
  }

  /** `MSG <subject> <sid> [reply] <bytes>`, the same with `HMSG` and more numbers, or a line that nothing follows. */
  #head(line: Buffer): void {
    const bytes = hasPayload(line) ? lastNumberIn(line) : undefined
    if (bytes !== undefined) this.#left = bytes + CRLF_BYTES
    if (bytes === undefined || !this.#isOurs(line)) return this.#takers.rest(line)
    this.#payload = this.#takers.memory(bytes)
    this.#filled = 0
  }

  #isOurs(line: Buffer): boolean {
    return this.#ours !== undefined && line.indexOf(this.#ours) === 0
  }

  #body(bytes: Buffer): void {
    this.#left -= bytes.length
    const payload = this.#payload
    if (!payload) return this.#takers.rest(bytes)
    const count = Math.min(bytes.length, payload.length - this.#filled)
    payload.set(count === bytes.length ? bytes : bytes.subarray(0, count), this.#filled)
    this.#filled += count
    if (this.#left > 0) return
    this.#payload = undefined
    this.#takers.take(payload)
  }
}

function hasPayload(line: Buffer): boolean {
  const word = line.toString('latin1', 0, 5).toUpperCase()
  return word.startsWith('MSG ') || word === 'HMSG '
}

/** Undefined for a line that does not end in one. */
function lastNumberIn(line: Buffer): number | undefined {
  let number = 0
  let place = 1
  let at = line.length - CRLF_BYTES - 1
  for (let digit = line[at] ?? 0; digit >= ZERO && digit <= NINE; digit = line[--at] ?? 0) {
    number += (digit - ZERO) * place
    place *= 10
  }
  return place === 1 ? undefined : number
}
