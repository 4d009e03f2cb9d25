import type { ClientId, Role } from '@switchyard/core'
import * as fc from 'fast-check'
import { test } from 'vitest'
import { StrictOutbox } from '../../test/outbox.ts'
import { Epmd } from '../src/index.ts'
import type { EpmdOptions } from '../src/index.ts'
import { alive2, request } from '../suite/message.ts'
import type { Described } from '../suite/message.ts'

/** A test of one clause of docs/protocols/epmd.md, named by its id and its words. */
export function clause(id: string, quote: string, what: string, run: () => void | Promise<void>): void {
  test(`${id} "${quote}": ${what}`, run)
}

export const PORT = 4369

/** A directory and its clients: what each of them was sent, and whether it was closed. Time moves only when told to. */
export class Stage extends StrictOutbox {
  readonly epmd: Epmd
  readonly #answers = new Map<ClientId, Uint8Array[]>()
  readonly #closed = new Set<ClientId>()
  #clients = 0
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(options: Partial<EpmdOptions> = {}) {
    super()
    this.epmd = new Epmd({ port: PORT, firstCreation: 0x0102_0304, ...options })
  }

  connect(role: Role = 'client'): ClientId {
    const client = ++this.#clients
    this.#answers.set(client, [])
    this.epmd.connected(client, this, role)
    return client
  }

  /** Hands over each piece in memory that is used for something else afterwards, as a pattern may. */
  receive(client: ClientId, ...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (this.#closed.has(client)) return
      const chunk = Uint8Array.from(piece)
      this.epmd.received(client, chunk, this)
      chunk.fill(0xee)
    }
  }

  disconnect(client: ClientId): void {
    this.epmd.disconnected(client)
  }

  /** Lets time pass, and takes the steps that it brings due. */
  pass(ms: number): void {
    const until = this.now + ms
    while (this.#wakeAt <= until) {
      this.now = this.#wakeAt
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.epmd.woken(this)
    }
    this.now = until
  }

  /** What a client has been sent, in hexadecimal, and `closed` behind it if it was. */
  heard(client: ClientId): string {
    const bytes = Buffer.concat(this.#answers.get(client) ?? []).toString('hex')
    return [bytes, ...(this.#closed.has(client) ? ['closed'] : [])].join(' ').trim()
  }

  /** What a client of its own hears that sends these bytes and nothing else. */
  ask(bytes: Uint8Array, role: Role = 'client'): string {
    const client = this.connect(role)
    this.receive(client, bytes)
    const heard = this.heard(client)
    this.disconnect(client)
    return heard
  }

  /** Registers a name, and fails if that was refused. */
  register(name: string, node: Partial<Described> = {}): ClientId {
    const client = this.connect()
    this.receive(client, alive2(name, node))
    if (!this.heard(client).startsWith('7600')) throw new Error(`${name} was refused: ${this.heard(client)}`)
    return client
  }

  override send(to: ClientId, bytes: Uint8Array): void {
    this.#answers.get(to)?.push(Uint8Array.from(bytes))
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    this.#answers.get(to)?.push(bytes)
  }

  override wakeAt(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at)
  }

  override close(client: ClientId): void {
    if (this.#closed.has(client)) throw new Error(`${client} was closed twice`)
    this.#closed.add(client)
  }
}

/** Any bytes with their true length. */
export function framed(body: Uint8Array): Uint8Array {
  return request('', body)
}

export function hex(text: string): string {
  return Buffer.from(text).toString('hex')
}

/** Requests, mostly in order, and bytes that are none. */
export const anyInput: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 80 }),
  fc
    .tuple(fc.constantFrom('x', 'z', 'n', 'd', 'k', 's', '?'), fc.uint8Array({ maxLength: 40 }))
    .map(([code, rest]) => request(code, rest)),
  fc
    .record({
      name: fc.string({ maxLength: 5 }),
      node: fc.record(
        {
          port: fc.nat(65_535),
          highest: fc.nat(9),
          extra: fc.string({ maxLength: 3, unit: 'binary-ascii' }),
          nameBytes: fc.nat(8),
          extraBytes: fc.nat(4),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ name, node }) => alive2(name, node)),
)
