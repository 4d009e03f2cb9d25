import { expectSame, Session } from '@switchyard/conformance/portable'

const LF = 0x0a

/** A client that talks in lines. */
export class Client extends Session {
  say(...lines: readonly string[]): Promise<void> {
    return this.send(Buffer.from(lines.map((line) => `${line}\n`).join('')))
  }

  /** The next line, without its newline. */
  async line(): Promise<string> {
    const bytes: number[] = []
    for (;;) {
      const [byte = LF] = await this.bytes(1)
      if (byte === LF) return Buffer.from(bytes).toString()
      bytes.push(byte)
    }
  }

  /** Throws Failed unless exactly these lines come next. */
  async expectLines(...lines: readonly string[]): Promise<void> {
    for (const line of lines) expectSame(`${this.name}: the next line`, line, await this.line())
  }

  /** Reads on until this line has come. */
  async readUntil(line: string): Promise<void> {
    while ((await this.line()) !== line);
  }
}
