/**
 * The exchange's state: books, orders, and what every account was told. Commands in, messages out into the accounts' streams; the
 * same commands make the same bytes, whoever brings them and whenever. It knows no connection, no clock and no disk.
 */
import { accountsOf } from './accounts.ts'
import type { Account, AccountOptions } from './accounts.ts'
import { Book, BOOK_LIMITS } from './book.ts'
import type { BookLimits, Entered, Matches, SelfTrade } from './book.ts'
import { NONE } from './int32.ts'
import { DAY_ENDED, recordOf, SESSION_ENDED } from './journal.ts'
import { BUY, SELL } from './levels.ts'
import type { Side } from './levels.ts'
import { OrderRecords } from './order-records.ts'
import type { OrderRecord } from './order-records.ts'
import {
  CANCEL,
  CANCEL_AT,
  DAY,
  DISPLAYED,
  ENTER,
  ENTER_AT,
  IMMEDIATE_OR_CANCEL,
  MessageWriter,
  PRICE_MAX,
  REPLACE,
  REPLACE_AT,
  SHARES_MAX,
  SIDES,
  STOCK_BYTES,
  uint32At,
  wordAt,
} from './ouch.ts'
import type { Liquidity, RejectReason } from './ouch.ts'
import { writeAscii } from './packets.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'
import { Stream } from './stream.ts'

export interface EngineOptions {
  readonly accounts: readonly AccountOptions[]
  /** One book each: 1 to 8 capital letters and digits. Default: SWYD. */
  readonly symbols?: readonly string[]
  readonly selfTrade?: SelfTrade
  /** Of each book. */
  readonly book?: BookLimits
  /** Orders that a day has numbers for; 40 bytes each. Default: 2^22. */
  readonly ordersMax?: number
}

const SYMBOL = /^[A-Z0-9]{1,8}$/
const SYMBOLS_MAX = 16
const ORDERS_MAX = 2 ** 22
const KNOWN_SIDES: readonly number[] = Object.values(SIDES)

/** An order that was accepted, but is not announced before it is known that the book has room for it. */
interface Entering {
  readonly kind: 'enter' | 'replace'
  readonly account: Account
  readonly bytes: Uint8Array
  readonly start: number
  readonly record: OrderRecord
  /** Open shares. */
  readonly shares: number
  /** Of the order that it replaces. */
  readonly executed: number
  readonly number: number
  announced: boolean
}

export class Engine {
  readonly accounts: readonly Account[]
  readonly symbols: readonly string[]
  /** As they stand in commands, two words each. */
  readonly #symbolWords: readonly number[]
  /** Accounts whose streams have grown, and books that have changed, since whoever reads this emptied them. */
  readonly grown: Set<Account> = new Set()
  readonly changed: Set<number> = new Set()
  readonly #byName: ReadonlyMap<string, Account>
  readonly #options: EngineOptions
  readonly #writer = new MessageWriter()
  #books: readonly Book[]
  #orders: OrderRecords
  #session = 1
  #time = 0
  #matches = 0
  #streamBytes = 0
  #entering: Entering | undefined
  /** The book that matches. */
  #stock = 0

  /** Throws RangeError for names that are none, or stand there twice. */
  constructor(options: EngineOptions) {
    const { symbols = ['SWYD'] } = options
    if (symbols.length < 1 || symbols.length > SYMBOLS_MAX || new Set(symbols).size < symbols.length) {
      throw new RangeError(`there must be 1 to ${SYMBOLS_MAX} symbols, each of them once: ${symbols.join(', ')}`)
    }
    for (const symbol of symbols) {
      if (!SYMBOL.test(symbol)) {
        throw new RangeError(`a symbol is "${symbol}": it must be 1 to ${STOCK_BYTES} capital letters and digits`)
      }
    }
    this.#options = options
    this.symbols = symbols
    this.#symbolWords = symbols.flatMap((symbol) => {
      const field = new Uint8Array(STOCK_BYTES)
      writeAscii(field, 0, symbol.padEnd(STOCK_BYTES))
      return [wordAt(field, 0), wordAt(field, 4)]
    })
    this.accounts = accountsOf(options.accounts)
    this.#byName = new Map(this.accounts.map((account) => [account.name, account]))
    this.#books = this.#newBooks()
    this.#orders = new OrderRecords(options.ordersMax ?? ORDERS_MAX)
  }

  /** The number of the day: 1, 2, 3 … */
  get session(): number {
    return this.#session
  }

  /** The time of the latest command, ms since 1970. */
  get time(): number {
    return this.#time
  }

  /** Orders accepted today, matches of today, and open orders. */
  get totals(): { readonly orders: number; readonly matches: number; readonly open: number } {
    const open = this.#books.reduce((sum, { count }) => sum + count, 0)
    return { orders: this.#orders.count, matches: this.#matches, open }
  }

  /** Prices at which an order rests, in all books. */
  get levels(): { readonly buy: number; readonly sell: number } {
    const of = (side: Side): number => this.#books.reduce((sum, book) => sum + book.levelCount(side), 0)
    return { buy: of(BUY), sell: of(SELL) }
  }

  /** Memory of all streams, bytes. */
  get streamBytes(): number {
    return this.#streamBytes
  }

  accountOf(name: string): Account | undefined {
    return this.#byName.get(name)
  }

  bookOf(symbol: string): Book | undefined {
    return this.#books[this.symbols.indexOf(symbol)]
  }

  /** A command of one account, `bytes[start]` its type, as long as commands of its type are. False if it changes nothing. */
  apply(account: Account, time: number, bytes: Uint8Array, start: number): boolean {
    const before = this.#time
    this.#time = Math.max(before, time)
    const changes = this.#apply(account, bytes, start)
    if (!changes) this.#time = before // No record says that it came.
    return changes
  }

  /** An account's session has ended. False if that changes nothing. */
  sessionEnded(account: Account, time: number): boolean {
    if (account.open.size === 0) return false
    this.#time = Math.max(this.#time, time)
    // By number: whether the orders came from commands or from a snapshot.
    for (const number of [...account.open].sort((a, b) => a - b)) this.#reduce(account, number, 0, 'disconnected')
    return true
  }

  /** Everything begins anew, under the next session. */
  dayEnded(time: number): void {
    this.#time = Math.max(this.#time, time)
    this.#session++
    this.#matches = 0
    this.#streamBytes = 0
    this.#books = this.#newBooks()
    this.#orders = new OrderRecords(this.#options.ordersMax ?? ORDERS_MAX)
    for (const account of this.accounts) {
      account.stream = new Stream()
      account.open.clear()
    }
    for (const stock of this.symbols.keys()) this.changed.add(stock)
  }

  /** For a new engine: it begins with this day, at this time. */
  begin(day: number, time: number): void {
    this.#session = day
    this.#time = time
  }

  /** Does what a record of the journal says. Throws RangeError for one that this exchange cannot have written. */
  replay(bytes: Uint8Array): void {
    const { time, name, command } = recordOf(bytes)
    if (command[0] === DAY_ENDED) return this.dayEnded(time)
    const account = this.accountOf(name)
    if (!account) throw new RangeError(`the journal has commands of the account "${name}", which does not exist`)
    const changes =
      command[0] === SESSION_ENDED ? this.sessionEnded(account, time) : this.apply(account, time, command, 0)
    if (!changes) throw new RangeError(`the journal has a command of the account "${name}" that changes nothing`)
  }

  /** Everything that a new engine needs to go on from here. */
  snapshot(): Uint8Array {
    return writeSnapshot({
      session: this.#session,
      time: this.#time,
      matches: this.#matches,
      symbols: this.symbols,
      accounts: this.accounts,
      orders: this.#orders,
      books: this.#books,
    })
  }

  /** For a new engine. Throws RangeError for a snapshot of another version, or of accounts or symbols that this one has not. */
  restore(snapshot: Uint8Array): void {
    const read = readSnapshot(snapshot, this.symbols, (name) => this.accountOf(name), this.#orders)
    this.#session = read.session
    this.#time = read.time
    this.#matches = read.matches
    for (const { stock, side, number, price, shares } of read.resting) {
      const account = this.accounts[this.#orders.accountOf(number) - 1]
      this.#books[stock]?.enter(number, account?.number ?? 0, side, price, shares, true)
      if (account?.cancelsOnDisconnect) account.open.add(number)
    }
    this.#streamBytes = this.accounts.reduce((sum, { stream }) => sum + stream.bytes, 0)
  }

  #apply(account: Account, bytes: Uint8Array, start: number): boolean {
    switch (bytes[start] ?? 0) {
      case ENTER:
        return this.#enter(account, bytes, start)
      case REPLACE:
        return this.#replace(account, bytes, start)
      case CANCEL:
        return this.#cancel(account, bytes, start)
      default:
        return false
    }
  }

  #matched(maker: number, taker: number, price: number, shares: number, makerShares: number): void {
    this.#announce()
    const match = ++this.#matches
    this.#executed(taker, shares, price, 'removed', match)
    this.#executed(maker, shares, price, 'added', match)
    if (makerShares === 0) this.#accountOf(maker).open.delete(maker)
  }

  #executed(number: number, shares: number, price: number, liquidity: Liquidity, match: number): void {
    this.#orders.addExecuted(number, shares)
    const length = this.#writer.executed(this.#time, this.#orders.tokenOf(number), shares, price, liquidity, match)
    this.#emit(this.#accountOf(number), length)
  }

  #prevented(maker: number, shares: number): void {
    this.#announce()
    const account = this.#accountOf(maker)
    account.open.delete(maker)
    this.#emit(account, this.#writer.canceled(this.#time, this.#orders.tokenOf(maker), shares, 'self-match'))
  }

  /** The place of a symbol, or -1. Compared as two words: a string for each order is a twentieth of what an order costs. */
  #stockAt(bytes: Uint8Array, from: number): number {
    const [high, low] = [wordAt(bytes, from), wordAt(bytes, from + 4)]
    for (let stock = 0; stock < this.symbols.length; stock++) {
      if (this.#symbolWords[2 * stock] === high && this.#symbolWords[2 * stock + 1] === low) return stock
    }
    return -1
  }

  #enter(account: Account, bytes: Uint8Array, start: number): boolean {
    const token = start + ENTER_AT.token
    if (this.#orders.find(account.number, bytes, token) !== NONE) return false
    const stock = this.#stockAt(bytes, start + ENTER_AT.stock)
    const why = this.#refusal(bytes, start, stock)
    if (why) return this.#reject(account, bytes, token, why)
    const side = bytes[start + ENTER_AT.side] ?? 0
    const shares = uint32At(bytes, start + ENTER_AT.shares)
    const timeInForce = uint32At(bytes, start + ENTER_AT.timeInForce)
    const record: OrderRecord = {
      account: account.number,
      side,
      capacity: bytes[start + ENTER_AT.capacity] ?? 0,
      cross: bytes[start + ENTER_AT.cross] ?? 0,
      firm: wordAt(bytes, start + ENTER_AT.firm),
      stock,
    }
    const number = this.#orders.count + 1
    const entering: Entering = {
      kind: 'enter',
      account,
      bytes,
      start,
      record,
      shares,
      executed: 0,
      number,
      announced: false,
    }
    this.#entering = entering
    this.#stock = stock
    const price = uint32At(bytes, start + ENTER_AT.price)
    const rests = timeInForce !== IMMEDIATE_OR_CANCEL
    const entered = this.#books[stock]?.enter(number, account.number, sideOf(side), price, shares, rests)
    return this.#entered(entering, entered, rests) || this.#reject(account, bytes, token, 'other')
  }

  #refusal(bytes: Uint8Array, start: number, stock: number): RejectReason | undefined {
    if (this.#orders.isFull) return 'closed'
    if (stock < 0) return 'invalid-stock'
    if (!KNOWN_SIDES.includes(bytes[start + ENTER_AT.side] ?? 0)) return 'other'
    const timeInForce = uint32At(bytes, start + ENTER_AT.timeInForce)
    return wrongTerms({
      shares: uint32At(bytes, start + ENTER_AT.shares),
      price: uint32At(bytes, start + ENTER_AT.price),
      timeInForce,
      display: bytes[start + ENTER_AT.display] ?? 0,
      minimum: uint32At(bytes, start + ENTER_AT.minimum),
    })
  }

  #replace(account: Account, bytes: Uint8Array, start: number): boolean {
    const existing = this.#orders.find(account.number, bytes, start + REPLACE_AT.existing)
    const token = start + REPLACE_AT.token
    if (existing === NONE || this.#orders.find(account.number, bytes, token) !== NONE) return false
    const record = this.#orders.recordOf(existing)
    const book = this.#books[record.stock]
    const slot = book?.find(existing) ?? NONE
    if (!book || slot === NONE) return false
    const executed = this.#orders.executedOf(existing)
    const shares = uint32At(bytes, start + REPLACE_AT.shares)
    const price = uint32At(bytes, start + REPLACE_AT.price)
    const timeInForce = uint32At(bytes, start + REPLACE_AT.timeInForce)
    const minimum = uint32At(bytes, start + REPLACE_AT.minimum)
    const display = bytes[start + REPLACE_AT.display] ?? 0
    if (wrongTerms({ shares, price, timeInForce, display, minimum }) || shares <= executed) {
      return this.#reduce(account, existing, 0, 'user')
    }
    if (this.#orders.isFull) return this.#reject(account, bytes, token, 'closed')
    const number = this.#orders.count + 1
    const open = shares - executed
    const entering: Entering = {
      kind: 'replace',
      account,
      bytes,
      start,
      record,
      shares: open,
      executed,
      number,
      announced: false,
    }
    this.#entering = entering
    this.#stock = record.stock
    const rests = timeInForce !== IMMEDIATE_OR_CANCEL
    const entered = book.replace(slot, number, price, open, rests)
    if (!this.#entered(entering, entered, rests)) return this.#reject(account, bytes, token, 'other')
    account.open.delete(existing)
    return true
  }

  /** What follows when the book has answered. False if it has refused. */
  #entered(entering: Entering, entered: Entered | undefined, rests: boolean): boolean {
    const { account, number, shares, executed } = entering
    switch (entered) {
      case 'filled':
      case 'resting':
      case 'cancelled':
        this.#announce()
        this.#entering = undefined
        this.changed.add(this.#stock)
        if (entered === 'resting' && account.cancelsOnDisconnect) account.open.add(number)
        if (entered === 'cancelled') {
          const left = shares - (this.#orders.executedOf(number) - executed)
          const why = rests ? 'self-match' : 'immediate'
          this.#emit(account, this.#writer.canceled(this.#time, this.#orders.tokenOf(number), left, why))
        }
        return true
      case 'known-id':
      case 'too-many-orders':
      case 'too-many-levels':
      case undefined:
        this.#entering = undefined
        return false
    }
  }

  #cancel(account: Account, bytes: Uint8Array, start: number): boolean {
    const number = this.#orders.find(account.number, bytes, start + CANCEL_AT.token)
    if (number === NONE) return false
    const size = uint32At(bytes, start + CANCEL_AT.shares)
    return this.#reduce(account, number, size - this.#orders.executedOf(number), 'user')
  }

  /** Leaves an order at most `shares` open ones. False if it was not open, or has no more than that. */
  #reduce(account: Account, number: number, shares: number, why: 'user' | 'disconnected'): boolean {
    const stock = this.#orders.stockOf(number)
    const book = this.#books[stock]
    const slot = book?.find(number) ?? NONE
    if (!book || slot === NONE) return false
    const taken = book.reduce(slot, Math.max(0, shares))
    if (taken === 0) return false
    if (shares <= 0) account.open.delete(number)
    this.changed.add(stock)
    this.#emit(account, this.#writer.canceled(this.#time, this.#orders.tokenOf(number), taken, why))
    return true
  }

  #reject(account: Account, bytes: Uint8Array, token: number, why: RejectReason): true {
    this.#emit(account, this.#writer.rejected(this.#time, bytes, token, why))
    return true
  }

  /** Before anything else is said of an order, that it was accepted. */
  #announce(): void {
    const entering = this.#entering
    if (!entering || entering.announced) return
    entering.announced = true
    const { kind, account, bytes, start, record, shares, executed, number } = entering
    const at = kind === 'enter' ? ENTER_AT : REPLACE_AT
    this.#orders.add(record, bytes, start + at.token, executed)
    const fields = { bytes, start }
    if (kind === 'enter') return this.#emit(account, this.#writer.accepted(this.#time, fields, number, true))
    const original = { ...record, stock: this.symbols[record.stock] ?? '' }
    this.#emit(account, this.#writer.replaced(this.#time, fields, original, number, shares, true))
  }

  #emit(account: Account, length: number): void {
    const { stream } = account
    const before = stream.bytes
    stream.append(this.#writer.bytes, length)
    this.#streamBytes += stream.bytes - before
    this.grown.add(account)
  }

  #accountOf(number: number): Account {
    const account = this.accounts[this.#orders.accountOf(number) - 1]
    if (!account) throw new RangeError(`order ${number} belongs to no account`)
    return account
  }

  #newBooks(): Book[] {
    const { book = BOOK_LIMITS, selfTrade } = this.#options
    const matches: Matches = {
      matched: (maker, taker, price, shares, makerShares) => this.#matched(maker, taker, price, shares, makerShares),
      prevented: (maker, _price, shares) => this.#prevented(maker, shares),
    }
    return this.symbols.map(() => new Book(matches, book, selfTrade))
  }
}

interface Terms {
  readonly shares: number
  readonly price: number
  readonly timeInForce: number
  readonly display: number
  readonly minimum: number
}

function wrongTerms({ shares, price, timeInForce, display, minimum }: Terms): RejectReason | undefined {
  if (shares < 1 || shares > SHARES_MAX) return 'invalid-shares'
  if (price < 1 || price > PRICE_MAX) return 'invalid-price'
  if (timeInForce !== IMMEDIATE_OR_CANCEL && !DAY.includes(timeInForce)) return 'other'
  if (display !== DISPLAYED) return 'invalid-display'
  return minimum === 0 ? undefined : 'invalid-minimum'
}

function sideOf(side: number): Side {
  return side === SIDES.buy ? BUY : SELL
}
