import { forwardingOutbox } from '@switchyard/core'
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import type { Violation } from '@switchyard/sim'
import type { CommandJournal, Engine } from '../../src/index.ts'
import { heardIn } from '../messages.ts'

const SEQUENCED = 0x53
/** Where a login has the name, behind its length and type. */
const NAME_START = 3
const NAME_END = 9
const ACCEPTED = /^A \d+ (\d+)$/

/** What each client was sent of its account's stream, from which number on. */
interface Reader {
  readonly account: string
  next: number
}

/**
 * What must hold of an exchange after every step, by what it sends and what its journal has: the book is not crossed; whoever logged in from
 * message n on is sent n, n + 1, n + 2 of its account's stream; the journal's commands, replayed, make the same state, byte for byte; every
 * share that was entered is open, executed or cancelled; and both sides of a match are told the same.
 */
export class Audit implements CommandJournal {
  violation: Violation | undefined
  readonly #records: Uint8Array[] = []
  readonly #readers = new Map<ClientId, Reader>()
  /** What each client has sent first, as far as the name in its login. */
  readonly #names = new Map<ClientId, string>()
  readonly #engine: () => Engine
  /** An engine that has seen what the journal has, and how much of it that is. */
  readonly #replica: Engine
  #replayed = 0

  constructor(engine: () => Engine, replica: Engine) {
    this.#engine = engine
    this.#replica = replica
  }

  append(record: Uint8Array): void {
    this.#records.push(record.slice())
  }

  /** Syncing is the scheduled disk's. */
  sync(): undefined {
    return undefined
  }

  watch(protocol: Protocol): Protocol {
    const step = (out: Outbox, run: (out: Outbox) => void): void => {
      run(this.#watched(out))
      this.#check()
    }
    return {
      connected: (client, out, role) => step(out, (watched) => protocol.connected(client, watched, role)),
      received: (client, chunk, out) => {
        const begun = this.#names.get(client) ?? ''
        if (begun.length < NAME_END) this.#names.set(client, begun + String.fromCharCode(...chunk))
        step(out, (watched) => protocol.received(client, chunk, watched))
      },
      disconnected: (client, out) => step(out, (watched) => protocol.disconnected(client, watched)),
      heldBytes: (client) => protocol.heldBytes(client),
      drained: (client, out) => step(out, (watched) => protocol.drained?.(client, watched)),
      woken: (out) => step(out, (watched) => protocol.woken?.(watched)),
    }
  }

  #watched(out: Outbox): Outbox {
    return forwardingOutbox(out, {
      send: (to, bytes, start = 0, end = bytes.length, messages = 1) => {
        this.#sent(to, bytes.subarray(start, end))
        out.send(to, bytes, start, end, messages)
      },
      give: (to, bytes) => {
        this.#sent(to, bytes)
        out.give(to, bytes)
      },
    })
  }

  #sent(to: ClientId, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
      const packet = bytes.subarray(at + 2, end)
      const [, next] = ACCEPTED.exec(heardIn(packet).words) ?? []
      if (packet[0] === SEQUENCED) this.#sequenced(to, packet)
      else if (next !== undefined) {
        const account = (this.#names.get(to) ?? '').slice(NAME_START, NAME_END).trim()
        this.#readers.set(to, { account, next: Number(next) })
      }
      at = end
    }
  }

  #sequenced(to: ClientId, packet: Uint8Array): void {
    const reader = this.#readers.get(to)
    if (!reader) return this.#fail('X2.1', `client ${to} is sent a message, and was not logged in`)
    const expected = streamOf(this.#engine(), reader.account)[reader.next - 1]
    const [is, was] = [heardIn(packet).words, expected && heardIn(expected).words]
    if (is !== was) this.#fail('X5.1', `client ${to} is sent "${is}", and message ${reader.next} is "${was}"`)
    reader.next++
  }

  #check(): void {
    const engine = this.#engine()
    for (; this.#replayed < this.#records.length; this.#replayed++) {
      this.#replica.replay(this.#records[this.#replayed] ?? new Uint8Array(0))
    }
    if (Buffer.compare(this.#replica.snapshot(), engine.snapshot()) !== 0) {
      this.#fail('X5.1', `the replay of ${this.#replayed} commands is another state`)
    }
    for (const symbol of engine.symbols) {
      const book = engine.bookOf(symbol)
      const [bid, ask] = [book?.best(0) ?? -1, book?.best(1) ?? -1]
      if (bid > 0 && ask > 0 && bid >= ask) this.#fail('X4.1', `the book is crossed: ${bid} is bid, ${ask} is asked`)
    }
    this.#balance(engine)
  }

  /** Entered = open + executed + cancelled, and each match is told twice, to two sides. */
  #balance(engine: Engine): void {
    const sides = new Map<bigint, string[]>()
    const open = new Map<string, number>()
    for (const { name } of engine.accounts) {
      for (const packet of streamOf(engine, name)) {
        const { words, number } = heardIn(packet)
        const [type = '', tokens = '', shares = '', terms = ''] = words.split(' ')
        const [token = '', by = token] = tokens.split('>')
        const key = `${name} ${by}`
        if (type === 'A') open.set(key, Number.parseInt(terms, 10))
        if (type === 'U') {
          open.delete(`${name} ${token}`)
          open.set(key, Number.parseInt(terms, 10))
        }
        if (type === 'E' || type === 'C') open.set(key, (open.get(key) ?? 0) - Number.parseInt(shares, 10))
        if (type === 'E') sides.set(number, [...(sides.get(number) ?? []), `${shares} ${terms}`])
      }
    }
    const told = [...open.values()].reduce((sum, shares) => sum + shares, 0)
    const resting = engine.symbols.flatMap((symbol) => {
      const book = engine.bookOf(symbol)
      return book ? ([0, 1] as const).flatMap((side) => [...book.resting(side)]) : []
    })
    const kept = resting.reduce((sum, { shares }) => sum + shares, 0)
    if (told !== kept || [...open.values()].some((shares) => shares < 0)) {
      this.#fail('X3.1', `${kept} shares are open, and by what the accounts were told ${told} are`)
    }
    for (const [number, [taker = '', maker = '', ...more]] of sides) {
      const [traded, other] = [taker.split(' ')[0], maker.split(' ')[0]]
      if (more.length === 0 && traded === other && taker.endsWith(' R') !== maker.endsWith(' R')) continue
      this.#fail('X4.2', `match ${number} was told as ${[taker, maker, ...more].join(', ')}`)
    }
  }

  #fail(clause: string, message: string): void {
    this.violation ??= { clause, message }
  }
}

/** An account's messages as packets without their length: the type first. */
function streamOf(engine: Engine, name: string): Uint8Array[] {
  const packets: Uint8Array[] = []
  for (const { bytes, end } of engine.accountOf(name)?.stream.segments() ?? []) {
    for (let at = 0; at < end;) {
      const next = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
      packets.push(bytes.subarray(at + 2, next))
      at = next
    }
  }
  return packets
}
