import { printable } from '../printable.ts'

/** What a process says first and last says most: how it was started, and what it died of. */
const FIRST_LINES = 3
const LAST_LINES = 7
const LINE_CHARACTERS = 400
/** An empty line, or one that points at the line above it: then the error itself would be the fourth of Node's. */
const NOTHING = /^[\s^~]*$/

/** What a process wrote to stderr, in bounded memory: its first and its last lines. */
export class LastWords {
  readonly #first: string[] = []
  readonly #last: string[] = []
  #between = 0
  #line = ''

  /** The next part of the stream, cut anywhere. */
  take(text: string): void {
    const [more = '', ...lines] = text.split('\n')
    this.#extend(more)
    for (const line of lines) {
      this.#endLine()
      this.#extend(line)
    }
  }

  /** Printable. One line stands for those in between. */
  lines(): readonly string[] {
    const last = [...this.#last, ...(this.#line === '' ? [] : [this.#line])]
    const between = this.#between === 0 ? [] : [`(${this.#between} lines more)`]
    return [...this.#first, ...between, ...last].map(printable)
  }

  #extend(text: string): void {
    this.#line += text.slice(0, LINE_CHARACTERS - this.#line.length)
  }

  #endLine(): void {
    const line = this.#line.trimEnd()
    this.#line = ''
    if (NOTHING.test(line)) return
    if (this.#first.length < FIRST_LINES) return void this.#first.push(line)
    this.#last.push(line)
    if (this.#last.length <= LAST_LINES) return
    this.#last.shift()
    this.#between++
  }
}
