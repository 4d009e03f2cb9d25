import { dump, Failed, Session } from '@switchyard/conformance/portable'

const LF = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A client that talks in lines. */
export class Client extends Session {
  say(...lines: readonly string[]): Promise<void> {
    return this.send(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  }

  /** The next line, without its newline. Throws Failed if it is not UTF-8 (C1.7), or the connection ends within it. */
  async line(): Promise<string> {
    await this.until('a line', () => this.input.before(LF) !== undefined || this.ending !== undefined)
    const length = this.input.before(LF)
    if (length === undefined) {
      throw new Failed(
        `${this.name}: expected a line, but the connection ended (${this.endingName()}) after ${this.remains()}`,
        'ended',
      )
    }
    const line = this.input.take(length + 1).subarray(0, length)
    try {
      return decoder.decode(line)
    } catch {
      throw new Failed(`${this.name}: a line of the server's is no UTF-8: ${dump(line)}`, 'wrong-bytes')
    }
  }

  /** Reads the greeting, and tells the name in it. */
  async ownName(): Promise<string> {
    for (;;) {
      const [, name] = /^You are (\S+)$/.exec(await this.line()) ?? []
      if (name !== undefined) return name
    }
  }

  /** Throws Failed unless exactly these lines come next. */
  async expectLines(...lines: readonly string[]): Promise<void> {
    for (const expected of lines) {
      const received = await this.line()
      if (received === expected) continue
      throw new Failed(`${this.name}: the next line: expected ${expected}, received ${received}`, {
        code: 'wrong-value',
        client: this.name,
        expected: expected.length,
        received: received.length,
      })
    }
  }

  /** Reads on until this line has come. */
  async readUntil(line: string): Promise<void> {
    while ((await this.line()) !== line);
  }
}
