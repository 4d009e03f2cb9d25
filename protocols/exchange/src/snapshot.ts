/**
 * The engine's state as bytes: a version, the day, every stream, every order record, and the open orders of each book in the order in
 * which they would match. The same state gives the same bytes.
 */
import type { Account } from './accounts.ts'
import { NAME_BYTES } from './accounts.ts'
import type { Book } from './book.ts'
import { BUY, SELL } from './levels.ts'
import type { Side } from './levels.ts'
import type { OrderRecords } from './order-records.ts'
import { STOCK_BYTES, TOKEN_BYTES, uint32At } from './ouch.ts'
import { ascii, lengthAt, writeAscii } from './packets.ts'

const VERSION = 'SWX1'
const HEADER_BYTES = 4 + 8 + 8 + 8
const ORDER_BYTES = 4 + TOKEN_BYTES + 4 + 4 + 4
const RESTING_BYTES = 12

interface Written {
  readonly session: number
  readonly time: number
  readonly matches: number
  readonly symbols: readonly string[]
  readonly accounts: readonly Account[]
  readonly orders: OrderRecords
  readonly books: readonly Book[]
}

interface Resting {
  readonly stock: number
  readonly side: Side
  readonly number: number
  readonly price: number
  readonly shares: number
}

interface Read extends Pick<Written, 'session' | 'time' | 'matches'> {
  readonly resting: readonly Resting[]
}

export function writeSnapshot({ session, time, matches, symbols, accounts, orders, books }: Written): Uint8Array {
  const streamBytes = accounts.map(({ stream }) => [...stream.segments()].reduce((sum, { end }) => sum + end, 0))
  const open = books.reduce((sum, { count }) => sum + count, 0)
  const size =
    HEADER_BYTES +
    4 +
    symbols.length * (STOCK_BYTES + 8) +
    4 +
    accounts.length * (NAME_BYTES + 4) +
    streamBytes.reduce((sum, bytes) => sum + bytes, 0) +
    4 +
    orders.count * ORDER_BYTES +
    open * RESTING_BYTES
  const out = new Writer(size)
  out.text(VERSION, 4)
  out.float(session)
  out.float(time)
  out.float(matches)
  out.word(symbols.length)
  for (const symbol of symbols) out.text(symbol, STOCK_BYTES)
  out.word(accounts.length)
  for (const [index, { name, stream }] of accounts.entries()) {
    out.text(name, NAME_BYTES)
    out.word(streamBytes[index] ?? 0)
    for (const { bytes, end } of stream.segments()) out.bytes(bytes.subarray(0, end))
  }
  out.word(orders.count)
  for (let number = 1; number <= orders.count; number++) {
    const { account, firm, side, capacity, cross, stock } = orders.recordOf(number)
    const { words, at } = orders.tokenOf(number)
    out.word(account)
    for (let word = 0; word < 3; word++) out.word(words[at + word] ?? 0)
    out.half((words[at + 3] ?? 0) >>> 16)
    out.word(firm)
    out.word((side << 24) | (capacity << 16) | (cross << 8) | stock)
    out.word(orders.executedOf(number))
  }
  for (const book of books) {
    for (const side of [BUY, SELL] as const) {
      const resting = [...book.resting(side)]
      out.word(resting.length)
      for (const { id, price, shares } of resting) {
        out.word(id)
        out.word(price)
        out.word(shares)
      }
    }
  }
  return out.whole
}

/** Fills `orders` and the accounts' streams, which are empty, and tells the rest. Throws RangeError. */
export function readSnapshot(
  snapshot: Uint8Array,
  symbols: readonly string[],
  accountOf: (name: string) => Account | undefined,
  orders: OrderRecords,
): Read {
  const input = new Reader(snapshot)
  const version = input.text(4)
  if (version !== VERSION) throw new RangeError(`the snapshot is of version "${version}", and this is ${VERSION}`)
  const [session, time, matches] = [input.float(), input.float(), input.float()]
  const known = Array.from({ length: input.word() }, () => input.text(STOCK_BYTES))
  if (known.join() !== symbols.join()) {
    throw new RangeError(`the snapshot has the symbols ${known.join(', ')}, and this exchange ${symbols.join(', ')}`)
  }
  const numbers = [0]
  for (let left = input.word(); left > 0; left--) {
    const name = input.text(NAME_BYTES)
    const account = accountOf(name)
    if (!account) throw new RangeError(`the snapshot has an account "${name}", which does not exist`)
    numbers.push(account.number)
    const packets = input.bytes(input.word())
    for (let at = 0; at < packets.length; at += 2 + lengthAt(packets, at)) {
      const length = lengthAt(packets, at) - 1
      account.stream.append(packets.subarray(at + 3, at + 3 + length), length)
    }
  }
  for (let left = input.word(); left > 0; left--) {
    const account = numbers[input.word()] ?? 0
    const token = input.bytes(TOKEN_BYTES)
    const firm = input.word() | 0
    const kind = input.word()
    const record = {
      account,
      firm,
      side: kind >>> 24,
      capacity: (kind >>> 16) & 0xff,
      cross: (kind >>> 8) & 0xff,
      stock: kind & 0xff,
    }
    orders.add(record, token, 0, input.word())
  }
  const resting: Resting[] = []
  for (const stock of symbols.keys()) {
    for (const side of [BUY, SELL] as const) {
      for (let left = input.word(); left > 0; left--) {
        resting.push({ stock, side, number: input.word(), price: input.word(), shares: input.word() })
      }
    }
  }
  return { session, time, matches, resting }
}

class Writer {
  readonly whole: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(size: number) {
    this.whole = new Uint8Array(size)
    this.#view = new DataView(this.whole.buffer)
  }

  text(text: string, length: number): void {
    writeAscii(this.whole, this.#at, text.padEnd(length))
    this.#at += length
  }

  float(value: number): void {
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  word(value: number): void {
    this.#view.setUint32(this.#at, value)
    this.#at += 4
  }

  half(value: number): void {
    this.#view.setUint16(this.#at, value)
    this.#at += 2
  }

  bytes(bytes: Uint8Array): void {
    this.whole.set(bytes, this.#at)
    this.#at += bytes.length
  }
}

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  text(length: number): string {
    return ascii(this.#bytes, this.#at, (this.#at += this.#checked(length))).trimEnd()
  }

  float(): number {
    const value = this.#view.getFloat64(this.#at)
    this.#at += this.#checked(8)
    return value
  }

  word(): number {
    const value = uint32At(this.#bytes, this.#at)
    this.#at += this.#checked(4)
    return value
  }

  bytes(length: number): Uint8Array {
    return this.#bytes.subarray(this.#at, (this.#at += this.#checked(length)))
  }

  #checked(length: number): number {
    if (this.#at + length > this.#bytes.length) throw new RangeError('the snapshot ends too early')
    return length
  }
}
