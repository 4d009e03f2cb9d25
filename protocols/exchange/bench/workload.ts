import { createHash } from 'node:crypto'
import { BUY, NONE, SELL } from '../src/index.ts'
import type { Book, Matches } from '../src/index.ts'

/**
 * A workload file of github.com/flash1-dev/matching-engine-benchmark, little-endian: a header of 16 bytes (magic, version,
 * number of messages) and messages of 40 bytes: kind, side, immediate-or-cancel, one unused, shares (4), number (8), order
 * (8), price (8), unused (8). All that is used fits in an Int32.
 */
const MAGIC = 0x4d4542575f303031n
const VERSION = 1
const HEADER_BYTES = 16
const MESSAGE_BYTES = 40
/** Words of a decoded message. */
export const MESSAGE_WORDS = 6
export const NEW = 0
export const CANCEL = 1
const MODIFY = 2

/** Throws an error that says what is wrong with the file. Returns kind, side, ioc, shares, order and price for each message. */
export function decodeWorkload(file: Buffer): Int32Array {
  if (file.length < HEADER_BYTES || file.readBigUInt64LE(0) !== MAGIC)
    throw new Error('not a workload file: it does not begin with "100_WBEM"')
  if (file.readUInt32LE(8) !== VERSION) throw new Error(`version ${file.readUInt32LE(8)} of the format, not ${VERSION}`)
  const count = file.readUInt32LE(12)
  if (file.length !== HEADER_BYTES + count * MESSAGE_BYTES)
    throw new Error(`${file.length} bytes, where ${count} messages take ${HEADER_BYTES + count * MESSAGE_BYTES}`)
  const words = new Int32Array(count * MESSAGE_WORDS)
  for (let index = 0; index < count; index++) {
    const start = HEADER_BYTES + index * MESSAGE_BYTES
    const [kind, side, ioc] = [file[start], file[start + 1], file[start + 2]]
    const order = Number(file.readBigUInt64LE(start + 16))
    const price = Number(file.readBigInt64LE(start + 24))
    if (kind === undefined || side === undefined || ioc === undefined || kind > MODIFY || side > SELL)
      throw new Error(`message ${index}: kind ${kind} and side ${side} mean nothing`)
    words.set([kind, side, ioc, file.readUInt32LE(start + 4), order, price], index * MESSAGE_WORDS)
  }
  return words
}

/** The benchmark's kinds of report, by the number that its lines begin with. */
const [ORDER_ACK, TRADE, CANCEL_ACK, MODIFY_ACK, CANCEL_REJECT, MODIFY_REJECT] = [0, 1, 2, 3, 4, 5]
const REPORT_WORDS = 6

/** What a matcher reports, in the order of the benchmark: by message, then by kind, then as it happened. */
export class Reports implements Matches {
  readonly #words: Int32Array
  #end = 0
  #message = 0

  constructor(messages: number) {
    // A message has at most two reports of its own, and each match uses up an order or a message.
    this.#words = new Int32Array(messages * 4 * REPORT_WORDS)
  }

  /** Does every message to the book. What was reported before is forgotten, and its memory used again. */
  run(book: Book, workload: Int32Array): void {
    this.#end = 0
    const count = workload.length / MESSAGE_WORDS
    for (let index = 0; index < count; index++) {
      const start = index * MESSAGE_WORDS
      const kind = workload[start] ?? NONE
      const side = workload[start + 1] === BUY ? BUY : SELL
      const shares = workload[start + 3] ?? NONE
      const order = workload[start + 4] ?? NONE
      const price = workload[start + 5] ?? NONE
      this.#message = index
      if (kind === NEW) {
        this.#add(ORDER_ACK, side, order, price, shares)
        const became = book.enter(order, 0, side, price, shares, workload[start + 2] === 0)
        if (became === 'cancelled') this.#add(CANCEL_ACK, side, order, price, 0)
        else if (became !== 'filled' && became !== 'resting') throw new Error(`message ${index}: ${became}`)
        continue
      }
      const slot = book.find(order)
      if (slot === NONE) this.#add(kind === CANCEL ? CANCEL_REJECT : MODIFY_REJECT, side, order, 0, 0)
      else if (kind === CANCEL) {
        this.#add(CANCEL_ACK, book.sideAt(slot), order, book.priceAt(slot), 0)
        book.reduce(slot, 0)
      } else {
        const became = book.replace(slot, order, price, shares, true)
        if (became !== 'filled' && became !== 'resting') throw new Error(`message ${index}: ${became}`)
        this.#add(MODIFY_ACK, side, order, price, shares)
      }
    }
  }

  matched(maker: number, taker: number, price: number, shares: number): void {
    this.#add(TRADE, price, shares, maker, taker)
  }

  prevented(): void {
    throw new Error('the benchmark has no owners')
  }

  /** SHA-256 of all lines, with a line feed between each two. */
  sha256(): string {
    const hash = createHash('sha256')
    let lines: string[] = []
    for (let start = 0; start < this.#end; start += REPORT_WORDS) {
      const [kind = 0, message, ...fields] = this.#words.subarray(start, start + REPORT_WORDS)
      lines.push(`${start === 0 ? '' : '\n'}${[kind, message, ...fieldsOf(kind, fields)].join(',')}`)
      if (lines.length < 10_000) continue
      hash.update(lines.join(''))
      lines = []
    }
    return hash.update(lines.join('')).digest('hex')
  }

  #add(kind: number, first: number, second: number, third: number, fourth: number): void {
    const words = this.#words
    const end = this.#end
    words[end] = kind
    words[end + 1] = this.#message
    words[end + 2] = first
    words[end + 3] = second
    words[end + 4] = third
    words[end + 5] = fourth
    this.#end = end + REPORT_WORDS
  }
}

function fieldsOf(kind: number, fields: readonly number[]): readonly number[] {
  if (kind === CANCEL_ACK) return fields.slice(0, 3)
  if (kind === CANCEL_REJECT || kind === MODIFY_REJECT) return fields.slice(1, 2)
  return fields
}
