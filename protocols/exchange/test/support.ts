import type { ClientId } from '@switchyard/core'
import { StrictOutbox } from '../../test/outbox.ts'
import { Exchange } from '../src/index.ts'
import type { ExchangeLimits, ExchangeOptions } from '../src/index.ts'
import { DEMO } from '../suite/demo.ts'
import { heardIn, login, packet } from '../suite/messages.ts'

export const OPTIONS: ExchangeOptions = { ...DEMO, book: { ordersMax: 1000, levelsMax: 100 }, ordersMax: 1000 }

/** Packets as text, with the numbers that the exchange gave: `A a1 B 100@10000 #1`, `E a1 100@10000 A m1`. */
function packetsIn(bytes: Uint8Array): string[] {
  const packets: string[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    const { words, number } = heardIn(bytes.subarray(at + 2, end))
    packets.push(number === 0n ? words : `${words} ${words.startsWith('E') ? 'm' : '#'}${number}`)
    at = end
  }
  return packets
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
    this.receive(client, login(name, `pw${name}`, session, sequence))
    return client
  }

  /** Sends each command in a packet of its own, all of them in one chunk; it is used for something else afterwards. */
  command(client: ClientId, ...commands: readonly Uint8Array[]): void {
    this.receive(client, Buffer.concat(commands.map((each) => packet('U', each))))
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
