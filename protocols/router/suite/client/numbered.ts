import type { Client } from './client.ts'
import { expectBytes, Failed } from '@switchyard/conformance/portable'
import { bytesOf } from '@switchyard/conformance/portable'
import { messageWith } from './message.ts'

const FILLER_PERIOD = 255
const FILLER_BYTES = 1024 * 1024
/** 1, 2, ... 255, 1, 2, ...: every byte that a body may hold, none that it may not. */
const FILLER = repeated(
  Uint8Array.from({ length: FILLER_PERIOD }, (_, i) => 1 + i),
  FILLER_BYTES + FILLER_PERIOD,
)

/**
 * Messages of one sender that say which one each is, and show whether it is whole: `alice:17:` and then filler, shifted
 * by name and number so that bytes of two messages cannot pass for one.
 */
export class Numbered {
  readonly name: string
  /** The length of the whole body, bytes; a body too short for its number is made as long as it needs. */
  readonly #lengthOf: (number: number) => number
  readonly #shift: number

  constructor(name: string, lengthOf: (number: number) => number) {
    this.name = name
    this.#lengthOf = lengthOf
    this.#shift = bytesOf(name).reduce((sum, byte) => sum * 31 + byte, 7) % FILLER_PERIOD
  }

  body(number: number): Uint8Array {
    const tag = this.#tag(number)
    const body = new Uint8Array(this.#bytes(number, tag))
    this.#write(number, tag, body)
    return body
  }

  /** Whether `bytes` are the whole body of that number: without making it. */
  isBody(number: number, bytes: Uint8Array): boolean {
    const tag = this.#tag(number)
    if (bytes.length !== this.#bytes(number, tag)) return false
    const filler = this.#filler(number, bytes.length - tag.length)
    return (
      Buffer.compare(tag, bytes.subarray(0, tag.length)) === 0 &&
      Buffer.compare(filler, bytes.subarray(tag.length)) === 0
    )
  }

  /** The messages numbered from 0, ready to be sent. */
  *messages(to: Client, count: number): Generator<Uint8Array> {
    for (let number = 0; number < count; number++) {
      const tag = this.#tag(number)
      yield messageWith(to.id, this.#bytes(number, tag), (into) => this.#write(number, tag, into))
    }
  }

  #tag(number: number): Uint8Array {
    return Buffer.from(`${this.name}:${number}:`) // From a pool: half a million of them a run.
  }

  #bytes(number: number, tag: Uint8Array): number {
    return Math.max(tag.length, this.#lengthOf(number))
  }

  #write(number: number, tag: Uint8Array, into: Uint8Array): void {
    into.set(tag)
    into.set(this.#filler(number, into.length - tag.length), tag.length)
  }

  #filler(number: number, bytes: number): Uint8Array {
    const shift = (this.#shift + number * 7) % FILLER_PERIOD
    return FILLER.subarray(shift, shift + bytes)
  }
}

/** A client, and the messages that it sends. */
export interface NumberedSender {
  readonly client: Client
  readonly messages: Numbered
}

/** Numbered messages for each client, of lengths by number and the client's place. */
export function numberedBy(
  clients: readonly Client[],
  lengthOf: (number: number, place: number) => number,
): NumberedSender[] {
  return clients.map((client, place) => ({
    client,
    messages: new Numbered(client.name, (number) => lengthOf(number, place)),
  }))
}

/** What one receiver got of several senders' numbered messages. Each must come whole, once, and in its sender's order. */
export class Arrivals {
  readonly #receiver: Client
  readonly #next = new Map<string, number>()
  readonly #senders: ReadonlyMap<string, Numbered>
  #count = 0

  constructor(receiver: Client, senders: readonly Numbered[]) {
    this.#receiver = receiver
    this.#senders = new Map(senders.map((sender) => [sender.name, sender]))
  }

  /** How many have arrived, of all senders. */
  get count(): number {
    return this.#count
  }

  /** How many have arrived of one sender: its messages 0 to one less than that, without a gap. */
  countOf(sender: Numbered): number {
    return this.#next.get(sender.name) ?? 0
  }

  /** Reads until `total` messages have arrived. Throws Failed at the first that is not the next one of its sender. */
  async receive(total: number): Promise<void> {
    while (this.#count < total) this.#take(await this.#receiver.next())
  }

  /** Reads until `total` messages of one sender have arrived. */
  async receiveFrom(sender: Numbered, total: number): Promise<void> {
    while (this.countOf(sender) < total) this.#take(await this.#receiver.next())
  }

  /**
   * Reads until `total` messages have arrived or the connection has ended; what came of a message that was cut is left
   * with the client.
   */
  async receiveToEnd(total: number = Number.POSITIVE_INFINITY): Promise<void> {
    while (this.#count < total) {
      const body = await this.#receiver.nextOrEnd()
      if (!body) return
      this.#take(body)
    }
  }

  #take(body: Uint8Array): void {
    const [name = '', number = ''] = new TextDecoder('latin1').decode(body.subarray(0, 64)).split(':', 2)
    const sender = this.#senders.get(name)
    if (!sender) {
      // Not a message of anybody's: compared with what some sender's next would be, so that the report shows both.
      const [first] = this.#senders.values()
      expectBytes(`${this.#receiver.name}: a message of a known sender`, first?.body(this.countOf(first)) ?? body, body)
      throw new Failed(`${this.#receiver.name}: a message of nobody`, 'wrong-bytes')
    }
    const expected = this.countOf(sender)
    if (number !== `${expected}`) {
      throw new Failed(
        `${this.#receiver.name}: expected message ${expected} of ${name}, received ${number}: ` +
          (Number(number) < expected ? 'it came twice, or out of order' : 'messages are missing, or out of order'),
        { code: 'wrong-order', client: this.#receiver.name },
      )
    }
    if (!sender.isBody(expected, body))
      expectBytes(`${this.#receiver.name}: message ${number} of ${name}`, sender.body(expected), body)
    this.#next.set(name, expected + 1)
    this.#count++
  }
}

export function arrivalsOf(receiver: Client, senders: readonly NumberedSender[]): Arrivals {
  return new Arrivals(
    receiver,
    senders.map(({ messages }) => messages),
  )
}

/** By doubling: byte for byte it would take a tenth of a second, of every command. */
function repeated(period: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(period)
  for (let done = period.length; done < length; done *= 2) bytes.copyWithin(done, 0, done)
  return bytes
}
