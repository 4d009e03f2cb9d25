/**
 * One record for every order that was accepted today, open or not: its account, its token, and what later messages repeat of it.
 * An order's number is its place. Found by token through chains of a hash table; memory grows a page at a time, so that no
 * command waits while a table doubles.
 */
import type { OriginalOrder, TokenWords } from './ouch.ts'
import { TOKEN_BYTES, wordAt } from './ouch.ts'
import { at, NONE } from './int32.ts'

const ACCOUNT = 0
/** Four words: 14 bytes, and two that are 0. */
const TOKEN = 1
const FIRM = 5
/** Side, capacity, cross type: a byte each; and the stock's index. */
const KIND = 6
const EXECUTED = 7
const NEXT = 8
const WORDS = 9
const PAGE_BITS = 14
const PAGE_ORDERS = 2 ** PAGE_BITS
/** Chains of a long day hold four orders each. */
const CHAIN_BITS_MAX = 20

export interface OrderRecord extends Omit<OriginalOrder, 'stock'> {
  readonly account: number
  readonly stock: number
}

export class OrderRecords {
  readonly #pages: Int32Array[] = []
  /** The latest order of each chain; 0 ends a chain. Memory that no order has touched yet costs nothing. */
  readonly #heads: Int32Array
  readonly #mask: number
  readonly #max: number
  #count = 0

  /** `ordersMax`: the most records; the caller keeps to it. */
  constructor(ordersMax: number) {
    this.#max = ordersMax
    const chains = 2 ** Math.min(CHAIN_BITS_MAX, Math.ceil(Math.log2(ordersMax + 1)))
    this.#heads = new Int32Array(chains)
    this.#mask = chains - 1
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.#max
  }

  /** The number of an account's order with the token at `bytes[from]`, or `NONE`. */
  find(account: number, bytes: Uint8Array, from: number): number {
    const a = wordAt(bytes, from)
    const b = wordAt(bytes, from + 4)
    const c = wordAt(bytes, from + 8)
    const d = lastWord(bytes, from)
    for (let number = at(this.#heads, this.#chain(account, a, b, c, d)); number !== 0;) {
      const page = this.#page(number)
      const base = baseOf(number)
      if (
        page[base + TOKEN] === a &&
        page[base + TOKEN + 1] === b &&
        page[base + TOKEN + 2] === c &&
        page[base + TOKEN + 3] === d &&
        page[base + ACCOUNT] === account
      ) {
        return number
      }
      number = at(page, base + NEXT)
    }
    return NONE
  }

  /** The number of the new record: the next one, from 1. */
  add(
    { account, side, capacity, cross, firm, stock }: OrderRecord,
    bytes: Uint8Array,
    tokenAt: number,
    executed = 0,
  ): number {
    const number = ++this.#count
    if (baseOf(number) === 0) this.#pages.push(new Int32Array(PAGE_ORDERS * WORDS))
    const page = this.#page(number)
    const base = baseOf(number)
    const a = wordAt(bytes, tokenAt)
    const b = wordAt(bytes, tokenAt + 4)
    const c = wordAt(bytes, tokenAt + 8)
    const d = lastWord(bytes, tokenAt)
    page[base + ACCOUNT] = account
    page[base + TOKEN] = a
    page[base + TOKEN + 1] = b
    page[base + TOKEN + 2] = c
    page[base + TOKEN + 3] = d
    page[base + FIRM] = firm
    page[base + KIND] = (side << 24) | (capacity << 16) | (cross << 8) | stock
    page[base + EXECUTED] = executed
    const chain = this.#chain(account, a, b, c, d)
    page[base + NEXT] = at(this.#heads, chain)
    this.#heads[chain] = number
    return number
  }

  recordOf(number: number): OrderRecord {
    const page = this.#page(number)
    const base = baseOf(number)
    const kind = at(page, base + KIND)
    return {
      account: at(page, base + ACCOUNT),
      firm: at(page, base + FIRM),
      side: kind >>> 24,
      capacity: (kind >>> 16) & 0xff,
      cross: (kind >>> 8) & 0xff,
      stock: kind & 0xff,
    }
  }

  accountOf(number: number): number {
    return at(this.#page(number), baseOf(number) + ACCOUNT)
  }

  stockOf(number: number): number {
    return at(this.#page(number), baseOf(number) + KIND) & 0xff
  }

  tokenOf(number: number): TokenWords {
    return { words: this.#page(number), at: baseOf(number) + TOKEN }
  }

  /** Shares of the order, and of those that it replaced, that were executed. */
  executedOf(number: number): number {
    return at(this.#page(number), baseOf(number) + EXECUTED)
  }

  addExecuted(number: number, shares: number): void {
    const page = this.#page(number)
    const index = baseOf(number) + EXECUTED
    page[index] = at(page, index) + shares
  }

  #page(number: number): Int32Array {
    return this.#pages[(number - 1) >> PAGE_BITS] ?? NOWHERE
  }

  #chain(account: number, a: number, b: number, c: number, d: number): number {
    const hash = mixed(mixed(mixed(mixed(account, a), b), c), d)
    return (hash ^ (hash >>> 16)) & this.#mask
  }
}

const NOWHERE = new Int32Array(0)

function mixed(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x9e3779b1) ^ (hash >>> 15)
}

function baseOf(number: number): number {
  return ((number - 1) & (PAGE_ORDERS - 1)) * WORDS
}

function lastWord(bytes: Uint8Array, from: number): number {
  return ((bytes[from + TOKEN_BYTES - 2] ?? 0) << 24) | ((bytes[from + TOKEN_BYTES - 1] ?? 0) << 16)
}
