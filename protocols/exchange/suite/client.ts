import { expectSame, Session } from '@switchyard/conformance/portable'
import { heardIn, login, packet } from './messages.ts'
import type { Heard } from './messages.ts'

/** A client of the exchange: packets out, packets in. */
export class Client extends Session {
  command(...commands: readonly Uint8Array[]): Promise<void> {
    return this.send(Uint8Array.from(commands.flatMap((each) => [...packet('U', each)])))
  }

  /** Logs in, and returns the number of the message that comes next. Throws Failed if it is refused. */
  async logIn(name: string, sequence = 0): Promise<number> {
    await this.send(login(name, `pw${name}`, '', sequence))
    const { words } = await this.heard()
    const [, next] = /^A \d+ (\d+)$/.exec(words) ?? []
    if (next === undefined) throw this.failed(`expected a login accepted, received ${words}`, 'wrong-value')
    return Number(next)
  }

  /** The next packet that is no heartbeat. */
  async heard(): Promise<Heard> {
    for (;;) {
      const next = await this.packet()
      if (next.words !== 'H') return next
    }
  }

  /** The next packet. */
  async packet(): Promise<Heard> {
    const [high = 0, low = 0] = await this.bytes(2)
    return heardIn(await this.bytes(high * 256 + low))
  }

  /** Throws Failed unless exactly these come next. Returns the numbers that they give. */
  async expectHeard(...words: readonly string[]): Promise<bigint[]> {
    const numbers: bigint[] = []
    for (const each of words) {
      const heard = await this.heard()
      expectSame(`${this.name}: the next message`, each, heard.words)
      numbers.push(heard.number)
    }
    return numbers
  }

  /** Reads on until so many shares of an order were executed. */
  async readUntilTold(token: string, shares: number): Promise<void> {
    for (let left = shares; left > 0;) {
      const [type, of, executed = ''] = (await this.heard()).words.split(' ')
      if (type === 'E' && of === token) left -= Number.parseInt(executed, 10)
    }
  }
}
