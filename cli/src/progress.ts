/** One line on a terminal that is written over and over; nothing at all where nobody watches. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  #width = 0

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show(text: string): void {
    if (!this.#stream.isTTY) return
    const line = text.slice(0, Math.max(20, this.#stream.columns - 1))
    this.#stream.write(`\r${line.padEnd(this.#width)}`)
    this.#width = line.length
  }

  clear(): void {
    if (!this.#stream.isTTY || this.#width === 0) return
    this.#stream.write(`\r${' '.repeat(this.#width)}\r`)
    this.#width = 0
  }
}
