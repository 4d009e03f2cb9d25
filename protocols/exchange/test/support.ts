import type { ClientId } from '@switchyard/core'
import { StrictOutbox } from '../../test/outbox.ts'
import { decodeTop, encodeLogin, encodePacket, Exchange, FROM_CLIENT } from '../src/index.ts'
import type { ExchangeLimits, ExchangeOptions, Top } from '../src/index.ts'

const SYMBOL = 'SWYD'

export const ACCOUNTS: ExchangeOptions['accounts'] = [
  { name: 'ANN' },
  { name: 'BOB' },
  { name: 'CARL', onDisconnect: 'cancel' },
  { name: 'WATCH', watches: true },
]
export const OPTIONS: ExchangeOptions = {
  accounts: ACCOUNTS,
  book: { ordersMax: 1000, levelsMax: 100 },
  ordersMax: 1000,
  authorize: (name, password) => Buffer.from(password).toString('latin1').trim() === `pw${name}`,
}

/** What an order says where a test does not care. */
export interface Order {
  readonly side?: string
  readonly shares?: number
  readonly price?: number
  readonly stock?: string
  readonly timeInForce?: number
  readonly display?: string
  readonly minimum?: number
}

export function enter(token: string, order: Order = {}): Uint8Array {
  const { side = 'B', shares = 100, price = 10_000, stock = SYMBOL, timeInForce = 99_998 } = order
  const { display = 'Y', minimum = 0 } = order
  const bytes = Buffer.alloc(49)
  bytes.write(`O${token.padEnd(14)}${side}`, 'latin1')
  bytes.writeUInt32BE(shares, 16)
  bytes.write(stock.padEnd(8), 20, 'latin1')
  bytes.writeUInt32BE(price, 28)
  bytes.writeUInt32BE(timeInForce, 32)
  bytes.write(`FIRM${display}PN`, 36, 'latin1')
  bytes.writeUInt32BE(minimum, 43)
  bytes.write('NR', 47, 'latin1')
  return bytes
}

export function replace(existing: string, token: string, order: Order = {}): Uint8Array {
  const { shares = 100, price = 10_000, timeInForce = 99_998, display = 'Y', minimum = 0 } = order
  const bytes = Buffer.alloc(47)
  bytes.write(`U${existing.padEnd(14)}${token.padEnd(14)}`, 'latin1')
  bytes.writeUInt32BE(shares, 29)
  bytes.writeUInt32BE(price, 33)
  bytes.writeUInt32BE(timeInForce, 37)
  bytes.write(`${display}N`, 41, 'latin1')
  bytes.writeUInt32BE(minimum, 43)
  return bytes
}

export function cancel(token: string, shares = 0): Uint8Array {
  const bytes = Buffer.alloc(19)
  bytes.write(`X${token.padEnd(14)}`, 'latin1')
  bytes.writeUInt32BE(shares, 15)
  return bytes
}

/** A message of the exchange's in words that a test can be read by: `A a1 B 100@10000 #1`. */
export function told(message: Uint8Array): string {
  const bytes = Buffer.from(message)
  const text = (at: number, length: number): string => bytes.toString('latin1', at, at + length).trim()
  const [type, token] = [text(0, 1), text(9, 14)]
  switch (type) {
    case 'A':
      return `A ${token} ${text(23, 1)} ${bytes.readUInt32BE(24)}@${bytes.readUInt32BE(36)} #${bytes.readBigUInt64BE(49)}`
    case 'U':
      return `U ${text(65, 14)}>${token} ${text(23, 1)} ${bytes.readUInt32BE(24)}@${bytes.readUInt32BE(36)} #${bytes.readBigUInt64BE(49)}`
    case 'C':
      return `C ${token} ${bytes.readUInt32BE(23)} ${text(27, 1)}`
    case 'E':
      return `E ${token} ${bytes.readUInt32BE(23)}@${bytes.readUInt32BE(27)} ${text(31, 1)} m${bytes.readBigUInt64BE(32)}`
    case 'J':
      return `J ${token} ${text(23, 1)}`
    default:
      return `?${type}`
  }
}

/** Packets as text: their type, and what they say. */
export function packetsIn(bytes: Uint8Array): string[] {
  const packets: string[] = []
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length; at += 2 + all.readUInt16BE(at)) {
    const packet = all.subarray(at, at + 2 + all.readUInt16BE(at))
    const type = packet.toString('latin1', 2, 3)
    const top = decodeTop(packet)
    if (type === 'S') packets.push(told(packet.subarray(3)))
    else if (top) packets.push(topText(top))
    else packets.push(`${type}${packet.toString('latin1', 3).replaceAll(/ +/g, ' ')}`)
  }
  return packets
}

function topText({ symbol, bid, ask, missed }: Top): string {
  const behind = missed > 0 ? ` (${missed} missed)` : ''
  return `T ${symbol} ${bid.shares}@${bid.price} ${ask.shares}@${ask.price}${behind}`
}

/** An exchange and its clients, without a server between. Time moves only when told to. */
export class Stage extends StrictOutbox {
  readonly exchange: Exchange
  readonly records: Uint8Array[] = []
  readonly #read = new Map<ClientId, Uint8Array[]>()
  readonly #closed = new Map<ClientId, string>()
  readonly #queued = new Map<ClientId, number>()
  readonly #stalled = new Set<ClientId>()
  readonly #asked = new Map<ClientId, number>()
  readonly #missed = new Map<ClientId, number>()
  #wakeAt = Infinity
  #clients = 0

  constructor(options: Partial<ExchangeOptions & ExchangeLimits> = {}) {
    super()
    const journal = { append: (record: Uint8Array) => void this.records.push(record.slice()), sync: () => undefined }
    this.exchange = new Exchange({ ...OPTIONS, journal, ...options })
  }

  connect(): ClientId {
    const client = ++this.#clients
    this.#read.set(client, [])
    this.exchange.connected(client, this)
    return client
  }

  /** A client that has logged in, and has read the answer. */
  logIn(name: string, sequence = 0, session = ''): ClientId {
    const client = this.connect()
    this.receive(client, encodeLogin(name, `pw${name}`, session, sequence))
    return client
  }

  /** Sends each command in a packet of its own, all of them in one chunk; it is used for something else afterwards. */
  command(client: ClientId, ...commands: readonly Uint8Array[]): void {
    this.receive(client, Buffer.concat(commands.map((each) => encodePacket(FROM_CLIENT.data, each))))
  }

  receive(client: ClientId, bytes: Uint8Array): void {
    const chunk = Uint8Array.from(bytes)
    this.exchange.received(client, chunk, this)
    chunk.fill(0xee)
  }

  disconnect(client: ClientId): void {
    this.#closed.set(client, this.#closed.get(client) ?? 'disconnected')
    this.exchange.disconnected(client, this)
  }

  stall(client: ClientId): void {
    this.#stalled.add(client)
  }

  /** It reads what is queued for it, and the steps that this brings due are taken, until nothing is. */
  readsAgain(client: ClientId): void {
    this.#stalled.delete(client)
    this.#queued.set(client, 0)
    while (this.#asked.delete(client) || (this.#missed.get(client) ?? 0) > 0) this.exchange.drained(client, this)
  }

  pass(ms: number): void {
    const until = this.now + ms
    while (this.#wakeAt <= until) {
      this.now = this.#wakeAt
      this.#wakeAt = Infinity
      this.exchange.woken(this)
    }
    this.now = until
  }

  /** What a client was sent since the last such question, bytes. */
  bytes(client: ClientId): Uint8Array {
    return Buffer.concat(this.#read.get(client)?.splice(0) ?? [])
  }

  /** The same in words. */
  heard(client: ClientId): string[] {
    return packetsIn(this.bytes(client))
  }

  closed(client: ClientId): string | undefined {
    return this.#closed.get(client)
  }

  override queued(client: ClientId): number {
    return this.#queued.get(client) ?? 0
  }

  override send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    if (this.#closed.has(to)) return
    this.#read.get(to)?.push(bytes.slice(start, end))
    if (this.#stalled.has(to)) this.#queued.set(to, this.queued(to) + end - start)
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    this.send(to, bytes)
  }

  override offer(to: ClientId, bytes: Uint8Array): boolean {
    const missed = this.#missed.get(to) ?? 0
    if (this.#stalled.has(to)) this.#missed.set(to, missed + 1)
    else this.send(to, bytes)
    return !this.#stalled.has(to)
  }

  override missed(client: ClientId): number {
    const missed = this.#missed.get(client) ?? 0
    this.#missed.delete(client)
    return missed
  }

  override whenQueued(client: ClientId, atMost: number): void {
    this.#asked.set(client, atMost)
  }

  override close(client: ClientId, why?: string): void {
    if (!this.#closed.has(client)) this.#closed.set(client, why ?? 'closed')
  }

  override wakeAt(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at)
  }
}
