import type { ClientId } from '@switchyard/core'
import * as fc from 'fast-check'
import { test } from 'vitest'
import { Chat, DEFAULT_OPTIONS } from '../src/index.ts'
import type { ChatOptions } from '../src/index.ts'
import { StrictOutbox } from '../../test/outbox.ts'

/** A test of one clause of docs/protocols/chat.md, named by its id and its words. */
export function clause(id: string, quote: string, what: string, run: () => void): void {
  test(`${id} "${quote}": ${what}`, run)
}

export const HELP = [
  'Server commands',
  '  /help - print this message',
  '  /name {name} - change name',
  '  /rooms - list rooms',
  '  /join {room} - joins room',
  '  /users - list users in room',
  '  /quit - quit server',
]

interface Seat {
  /** What it was sent and has not read, in order. */
  queued: string[]
  /** What it has read. */
  read: string
  missed: number
  closed: string | undefined
}

/**
 * A chat and its clients, without a server between. A client reads at once what it is sent, unless it is stalled; then
 * what is queued for it is bounded. Time moves only when told to.
 */
export class Stage extends StrictOutbox {
  readonly chat: Chat
  readonly #seats = new Map<ClientId, Seat>()
  readonly #stalled = new Set<ClientId>()
  readonly #offerBytesMax: number
  #wakeAt = Number.POSITIVE_INFINITY
  #clients = 0

  constructor(options: Partial<ChatOptions> = {}, { offerBytesMax = 1000 }: { offerBytesMax?: number } = {}) {
    super()
    this.chat = new Chat({ ...DEFAULT_OPTIONS, floodLinesPerSecond: 0, seed: 1, ...options })
    this.#offerBytesMax = offerBytesMax
  }

  connect(role = 'client'): ClientId {
    const client = ++this.#clients
    this.#seats.set(client, { queued: [], read: '', missed: 0, closed: undefined })
    this.chat.connected(client, this, role)
    return client
  }

  /** A client whose name was changed to `name`, and that has read all that it was sent so far. */
  join(name: string, room = 'main'): ClientId {
    const client = this.connect()
    if (room !== 'main') this.say(client, `/join ${room}`)
    this.say(client, `/name ${name}`)
    for (const id of this.#seats.keys()) this.heard(id)
    return client
  }

  /** Hands over each piece in memory that is used for something else afterwards, as a pattern may. */
  receive(client: ClientId, ...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (this.#seat(client).closed !== undefined) return
      const chunk = Uint8Array.from(piece)
      this.chat.received(client, chunk, this)
      chunk.fill(0xee)
    }
  }

  say(client: ClientId, ...lines: readonly string[]): void {
    for (const line of lines) this.receive(client, bytesOf(`${line}\n`))
  }

  disconnect(client: ClientId): void {
    this.#seat(client).closed ??= 'disconnected'
    this.chat.disconnected(client, this)
  }

  stall(client: ClientId): void {
    this.#stalled.add(client)
  }

  /** It reads all that is queued; the step that this brings due is not taken yet. */
  read(client: ClientId): void {
    this.#stalled.delete(client)
    const seat = this.#seat(client)
    for (const text of seat.queued.splice(0)) seat.read += text
  }

  /** It reads all that is queued, and the step that this brings due is taken. */
  readsAgain(client: ClientId): void {
    this.read(client)
    if (this.#seat(client).missed > 0) this.chat.drained(client, this)
  }

  /** Lets time pass, and takes the steps that it brings due. */
  pass(ms: number): void {
    const until = this.now + ms
    while (this.#wakeAt <= until) {
      this.now = this.#wakeAt
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.chat.woken(this)
    }
    this.now = until
  }

  /** The lines that a client has read since the last such question. Fails if the last one has no end. */
  heard(client: ClientId): string[] {
    const seat = this.#seat(client)
    const lines = seat.read.split('\n')
    if (lines.pop() !== '') throw new Error(`half a line: ${seat.read}`)
    seat.read = ''
    return lines
  }

  /** Why it was closed; undefined if it was not. */
  closed(client: ClientId): string | undefined {
    return this.#seat(client).closed
  }

  override queued(client: ClientId): number {
    return this.#seat(client).queued.join('').length
  }

  // The outbox ---------------------------------------------------------------------------------------------------------

  override send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    const seat = this.#seats.get(to)
    if (!seat || seat.closed !== undefined) return
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, end))
    if (this.#stalled.has(to)) seat.queued.push(text)
    else seat.read += text
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    this.send(to, bytes)
  }

  override offer(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length): boolean {
    const seat = this.#seats.get(to)
    if (!seat || seat.closed !== undefined) return false
    const room = seat.missed === 0 && this.queued(to) + end - start <= this.#offerBytesMax
    if (room) this.send(to, bytes, start, end)
    else seat.missed++
    return room
  }

  override missed(client: ClientId): number {
    const seat = this.#seat(client)
    const { missed } = seat
    seat.missed = 0
    return missed
  }

  override close(client: ClientId, why?: string): void {
    this.#seat(client).closed ??= why ?? 'closed'
  }

  override wakeAt(at: number): void {
    this.#wakeAt = Math.min(this.#wakeAt, at)
  }

  #seat(client: ClientId): Seat {
    const seat = this.#seats.get(client)
    if (!seat) throw new Error(`there is no client ${client}`)
    return seat
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** `input` in pieces that end at `ends`. */
export function cut(input: Uint8Array, ends: readonly number[]): Uint8Array[] {
  return ends.map((end, index) => input.subarray(ends[index - 1] ?? 0, end))
}

/** Each way to cut `length` bytes into pieces that are not empty, as where they end: 2^(length - 1) of them. */
export function* allEnds(length: number): Generator<number[]> {
  const inner = Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1)
  for (let cuts = 0; cuts < 2 ** inner.length; cuts++) {
    yield [...inner.filter((end) => (cuts & (1 << (end - 1))) !== 0), length]
  }
}

/** An input and where the pieces that it comes in end; empty pieces among them. */
export function anyCut(inputs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<{ input: Uint8Array; ends: number[] }> {
  return fc.tuple(inputs, fc.array(fc.nat(), { maxLength: 20, size: 'max' })).map(([input, cuts]) => {
    const inner = cuts.map((at) => at % (input.length + 1)).sort((left, right) => left - right)
    return { input, ends: [...inner, input.length] }
  })
}
