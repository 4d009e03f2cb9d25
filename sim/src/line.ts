import type { Schedule } from './choices.ts'

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Of equal answers in a row, from here on a count is shorter. */
const RUN_MIN = 4

/** `aGk`; `QQ@40` for 40 bytes that repeat one. */
export function bodyText(body: Uint8Array): string {
  const period = periodOf(body)
  return period < body.length ? `${base64url(body.subarray(0, period))}@${body.length}` : base64url(body)
}

/** `0012`; `0@7,` for seven times 0; `=40,` for what is larger than z. */
export function scheduleText(schedule: Schedule): string {
  let text = ''
  for (let i = 0; i < schedule.length;) {
    const answer = schedule[i]!
    let count = 1
    while (schedule[i + count] === answer) count++
    const one = answer < 36 ? answer.toString(36) : `=${answer},`
    text += count < RUN_MIN ? one.repeat(count) : `${one}@${count},`
    i += count
  }
  return text
}

/** Reads one part of a line from left to right. */
export class LineReader {
  readonly #text: string
  readonly #refuse: (text: string) => never
  #at = 0

  /** `refuse` is told of the text that makes no sense. */
  constructor(text: string, refuse: (text: string) => never) {
    this.#text = text
    this.#refuse = refuse
  }

  /** Whether `text` comes next; then it is read. */
  skip(text: string): boolean {
    const found = this.#text.startsWith(text, this.#at)
    if (found) this.#at += text.length
    return found
  }

  number(): number {
    return Number(this.#match(/\d+/y))
  }

  /** The rest of the text. */
  body(): Uint8Array {
    const once = this.#bytes(this.#match(/[\w-]*/y))
    const body = new Uint8Array(this.skip('@') ? this.number() : once.length)
    if (this.#at < this.#text.length || (once.length === 0 && body.length > 0)) this.#refuse(this.#text)
    for (let i = 0; i < body.length; i++) body[i] = once[i % once.length]!
    return body
  }

  /** The rest of the text. */
  schedule(): number[] {
    const schedule: number[] = []
    while (this.#at < this.#text.length) {
      const answer = this.skip('=') ? this.#numberAndComma() : Number.parseInt(this.#match(/[0-9a-z]/y), 36)
      const count = this.skip('@') ? this.#numberAndComma() : 1
      for (let i = 0; i < count; i++) schedule.push(answer)
    }
    return schedule
  }

  #numberAndComma(): number {
    const number = this.number()
    return this.skip(',') ? number : this.#refuse(this.#text)
  }

  #match(expression: RegExp): string {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#text)?.[0] ?? this.#refuse(this.#text)
    this.#at += found.length
    return found
  }

  #bytes(text: string): Uint8Array {
    const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
    for (let i = 0, bits = 0, at = 0; i < text.length; i++) {
      bits = ((bits << 6) | BASE64URL.indexOf(text[i]!)) & 0xffff
      if (i % 4 > 0) bytes[at++] = bits >> ((3 - (i % 4)) * 2)
    }
    return bytes
  }
}

/** Buffer is Node's; `btoa` takes strings of bytes. This takes neither. */
function base64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const characters = Math.min(bytes.length - i, 3) + 1
    for (let c = 0; c < characters; c++) text += BASE64URL[(group >> (18 - c * 6)) & 63]
  }
  return text
}

/** The shortest beginning that, repeated, is all of it. */
function periodOf(bytes: Uint8Array): number {
  for (let period = 1; period < bytes.length; period++) {
    if (bytes.subarray(period).every((byte, i) => byte === bytes[i])) return period
  }
  return bytes.length
}
