import { at, NONE } from './int32.ts'
import { BUY, Levels, SELL } from './levels.ts'
import type { Side } from './levels.ts'

/** What happens when an order meets one of its own owner. Owner 0 is nobody in particular, and may trade with itself. */
export type SelfTrade = 'allowed' | 'cancel-resting' | 'cancel-incoming'

export interface BookLimits {
  /** Open orders, both sides together. */
  readonly ordersMax: number
  /** Prices of one side. Beyond some ten thousand, inserting far from the best price takes longer than matching. */
  readonly levelsMax: number
}

export const BOOK_LIMITS: BookLimits = { ordersMax: 262_144, levelsMax: 65_536 }

/** The largest price. A price is a whole number of ticks from 1. */
export const PRICE_MAX: number = 2 ** 31 - 2

/** The key of price p on one side is p, on the other TOP - p. */
const TOP = 2 ** 31 - 1

/**
 * What became of an order that was entered: executed to the last share, resting with what is left, or without what is left
 * (it was immediate-or-cancel, or would have met its owner). The last three refuse it, and nothing has changed.
 */
export type Entered = 'filled' | 'resting' | 'cancelled' | 'known-id' | 'too-many-orders' | 'too-many-levels'

/** Hears what matching does, in order and before the method that caused it returns. It must not call the book. */
export interface Matches {
  /** One match, at the maker's price. `makerShares` is what the maker has left: at 0 it has left the book. */
  matched(maker: number, taker: number, price: number, shares: number, makerShares: number): void
  /** A resting order left the book because it would have met its owner. */
  prevented(maker: number, price: number, shares: number): void
}

export interface RestingOrder {
  readonly id: number
  readonly owner: number
  readonly price: number
  readonly shares: number
}

const ID = 0
const OWNER = 1
const KEY = 2
const SHARES = 3
/** Twice the level's index in its side's pool, and the side. */
const LEVEL = 4
/** Neighbours in the level's queue; of a free slot, the next free one. */
const PREVIOUS = 5
const NEXT = 6
/** The next order of its chain. */
const CHAINED = 7
/** An order is 32 bytes. */
const WORDS = 8

/**
 * One instrument's open orders by price, then by time. Its memory is allocated when it is made and touched as it fills, so no
 * command ever waits for growth. An order has a *slot* while it is open: `find` it by its id, and use it at once, since
 * whatever changes the book can give the slot to another order.
 */
export class Book {
  readonly #limits: BookLimits
  readonly #matches: Matches
  readonly #selfTrade: SelfTrade
  readonly #orders: Int32Array
  /**
   * First slot of each chain: open orders whose ids have the same remainder. The exchange numbers orders one after the other, so
   * whoever wants to lengthen a chain by one order has to enter as many as there are chains.
   */
  readonly #chains: Int32Array
  readonly #mask: number
  readonly #buys: Levels
  readonly #sells: Levels
  /** The first free slot; each knows the next one. */
  #free = NONE
  /** Slots from here on have never been used. */
  #unused = 0
  #count = 0

  constructor(matches: Matches, limits: BookLimits = BOOK_LIMITS, selfTrade: SelfTrade = 'allowed') {
    for (const [name, value] of Object.entries(limits)) {
      if (!(Number.isInteger(value) && value >= 1 && value <= 2 ** 24))
        throw new RangeError(`${name} is a whole number from 1 to ${2 ** 24}, not ${String(value)}`)
    }
    this.#limits = limits
    this.#matches = matches
    this.#selfTrade = selfTrade
    this.#orders = new Int32Array(limits.ordersMax * WORDS)
    const chains = 2 ** Math.ceil(Math.log2(2 * limits.ordersMax))
    this.#chains = new Int32Array(chains).fill(NONE)
    this.#mask = chains - 1
    this.#buys = new Levels(limits.levelsMax)
    this.#sells = new Levels(limits.levelsMax)
  }

  /** Open orders. */
  get count(): number {
    return this.#count
  }

  /** Prices at which an order rests. */
  levelCount(side: Side): number {
    return this.#side(side).count
  }

  /** The slot of an open order, or `NONE`. */
  find(id: number): number {
    let slot = at(this.#chains, id & this.#mask)
    while (slot !== NONE && at(this.#orders, slot * WORDS + ID) !== id) slot = at(this.#orders, slot * WORDS + CHAINED)
    return slot
  }

  sideAt(slot: number): Side {
    return sideOf(at(this.#orders, slot * WORDS + LEVEL))
  }

  priceAt(slot: number): number {
    return priceOf(this.sideAt(slot), at(this.#orders, slot * WORDS + KEY))
  }

  sharesAt(slot: number): number {
    return at(this.#orders, slot * WORDS + SHARES)
  }

  ownerAt(slot: number): number {
    return at(this.#orders, slot * WORDS + OWNER)
  }

  /** The best price of a side, or `NONE`. */
  best(side: Side): number {
    const levels = this.#side(side)
    return levels.best === NONE ? NONE : priceOf(side, at(levels.keyOf, levels.best))
  }

  /** Open shares of a side at one price. */
  depth(side: Side, price: number): number {
    const levels = this.#side(side)
    const level = levels.find(keyOf(side, price))
    return level === NONE ? 0 : (levels.shares[level] ?? 0)
  }

  /**
   * Matches an order, and lets the rest of it rest if `rests`. It is refused if the book has no room for it to rest, even where
   * it would be filled: a refusal does not depend on the other side.
   */
  enter(id: number, owner: number, side: Side, price: number, shares: number, rests: boolean): Entered {
    assertOrder(id, price, shares)
    if (this.find(id) !== NONE) return 'known-id'
    if (rests && this.#count === this.#limits.ordersMax) return 'too-many-orders'
    return rests && this.#isFull(side, price) ? 'too-many-levels' : this.#enter(id, owner, side, price, shares, rests)
  }

  /**
   * Gives an open order another id (or its own again), price and number of open shares. It keeps its place in the queue if the
   * price stays and the shares do not grow; otherwise it leaves the book and enters it anew.
   */
  replace(slot: number, id: number, price: number, shares: number, rests: boolean): Entered {
    assertOrder(id, price, shares)
    const orders = this.#orders
    const base = slot * WORDS
    const old = at(orders, base + ID)
    if (id !== old && this.find(id) !== NONE) return 'known-id'
    const side = this.sideAt(slot)
    if (rests && keyOf(side, price) === at(orders, base + KEY) && shares <= at(orders, base + SHARES)) {
      this.#take(slot, at(orders, base + SHARES) - shares)
      if (id === old) return 'resting'
      this.#unchain(slot)
      this.#chain(slot, id)
      return 'resting'
    }
    if (rests && this.#isFull(side, price)) return 'too-many-levels'
    const owner = at(orders, base + OWNER)
    this.#remove(slot)
    return this.#enter(id, owner, side, price, shares, rests)
  }

  /** Leaves an open order at most `shares`; at 0 it leaves the book. Returns the shares taken away. */
  reduce(slot: number, shares: number): number {
    const taken = Math.max(0, at(this.#orders, slot * WORDS + SHARES) - shares)
    if (shares <= 0) this.#remove(slot)
    else this.#take(slot, taken)
    return taken
  }

  /** A side's orders, the next to be matched first. */
  *resting(side: Side): Generator<RestingOrder> {
    const levels = this.#side(side)
    for (let rank = 0; rank < levels.count; rank++) {
      let slot = at(levels.heads, levels.ranked(rank))
      for (; slot !== NONE; slot = at(this.#orders, slot * WORDS + NEXT)) {
        const id = at(this.#orders, slot * WORDS + ID)
        yield { id, owner: this.ownerAt(slot), price: this.priceAt(slot), shares: this.sharesAt(slot) }
      }
    }
  }

  #side(side: Side): Levels {
    return side === BUY ? this.#buys : this.#sells
  }

  #isFull(side: Side, price: number): boolean {
    const levels = this.#side(side)
    return levels.count === levels.max && levels.find(keyOf(side, price)) === NONE
  }

  #enter(id: number, owner: number, side: Side, price: number, shares: number, rests: boolean): Entered {
    const key = keyOf(side, price)
    const left = this.#match(id, owner, side === BUY ? SELL : BUY, TOP - key, shares)
    if (left === 0) return 'filled'
    if (!rests || left < 0) return 'cancelled'
    this.#rest(id, owner, side, key, left)
    return 'resting'
  }

  /** Matches against one side down to a key. Returns the shares left, or -1 if the order may not go on. */
  #match(taker: number, owner: number, against: Side, keyMin: number, shares: number): number {
    const levels = this.#side(against)
    const orders = this.#orders
    let left = shares
    while (left > 0) {
      const level = levels.best
      if (level === NONE || at(levels.keyOf, level) < keyMin) return left
      const price = priceOf(against, at(levels.keyOf, level))
      const slot = at(levels.heads, level)
      const base = slot * WORDS
      const maker = at(orders, base + ID)
      const open = at(orders, base + SHARES)
      if (this.#selfTrade !== 'allowed' && owner !== 0 && at(orders, base + OWNER) === owner) {
        if (this.#selfTrade === 'cancel-incoming') return -1
        this.#remove(slot)
        this.#matches.prevented(maker, price, open)
      } else if (open <= left) {
        left -= open
        this.#remove(slot)
        this.#matches.matched(maker, taker, price, open, 0)
      } else {
        this.#take(slot, left)
        this.#matches.matched(maker, taker, price, left, open - left)
        left = 0
      }
    }
    return left
  }

  /** Puts an order at the end of its price's queue. */
  #rest(id: number, owner: number, side: Side, key: number, shares: number): void {
    const orders = this.#orders
    const levels = this.#side(side)
    const level = levels.findOrAdd(key)
    const last = at(levels.tails, level)
    const slot = this.#free === NONE ? this.#unused++ : this.#free
    const base = slot * WORDS
    if (slot === this.#free) this.#free = at(orders, base + NEXT)
    orders[base + OWNER] = owner
    orders[base + KEY] = key
    orders[base + SHARES] = shares
    orders[base + LEVEL] = level * 2 + side
    orders[base + PREVIOUS] = last
    orders[base + NEXT] = NONE
    if (last === NONE) levels.heads[level] = slot
    else orders[last * WORDS + NEXT] = slot
    levels.tails[level] = slot
    levels.shares[level] = (levels.shares[level] ?? 0) + shares
    this.#chain(slot, id)
    this.#count++
  }

  /** Takes shares from an order that keeps some. */
  #take(slot: number, shares: number): void {
    const base = slot * WORDS
    const place = at(this.#orders, base + LEVEL)
    const levels = this.#side(sideOf(place))
    const level = place >> 1
    this.#orders[base + SHARES] = at(this.#orders, base + SHARES) - shares
    levels.shares[level] = (levels.shares[level] ?? 0) - shares
  }

  #remove(slot: number): void {
    this.#unchain(slot)
    const orders = this.#orders
    const base = slot * WORDS
    const place = at(orders, base + LEVEL)
    const levels = this.#side(sideOf(place))
    const level = place >> 1
    const previous = at(orders, base + PREVIOUS)
    const next = at(orders, base + NEXT)
    levels.shares[level] = (levels.shares[level] ?? 0) - at(orders, base + SHARES)
    if (previous === NONE) levels.heads[level] = next
    else orders[previous * WORDS + NEXT] = next
    if (next === NONE) levels.tails[level] = previous
    else orders[next * WORDS + PREVIOUS] = previous
    if (previous === NONE && next === NONE) levels.remove(level)
    orders[base + NEXT] = this.#free
    this.#free = slot
    this.#count--
  }

  /** Gives an order its id, under which it is found. */
  #chain(slot: number, id: number): void {
    const chain = id & this.#mask
    this.#orders[slot * WORDS + ID] = id
    this.#orders[slot * WORDS + CHAINED] = at(this.#chains, chain)
    this.#chains[chain] = slot
  }

  /** Throws, with nothing changed, for a slot whose order has left the book: it is in no chain, and would be looked for without end. */
  #unchain(slot: number): void {
    const orders = this.#orders
    const id = at(orders, slot * WORDS + ID)
    const chain = id & this.#mask
    const next = at(orders, slot * WORDS + CHAINED)
    let before = at(this.#chains, chain)
    if (before === slot) {
      this.#chains[chain] = next
      return
    }
    while (before !== NONE && at(orders, before * WORDS + CHAINED) !== slot)
      before = at(orders, before * WORDS + CHAINED)
    if (before === NONE) throw new Error(`slot ${slot} is no open order's: order ${id} has left the book`)
    orders[before * WORDS + CHAINED] = next
  }
}

function sideOf(level: number): Side {
  return (level & 1) === BUY ? BUY : SELL
}

/** A better price has a larger key: of buyers the higher, of sellers the lower. */
function keyOf(side: Side, price: number): number {
  return side === BUY ? price : TOP - price
}

function priceOf(side: Side, key: number): number {
  return side === BUY ? key : TOP - key
}

function assertOrder(id: number, price: number, shares: number): void {
  if (id < 0 || price < 1 || price > PRICE_MAX || shares < 1 || shares > TOP)
    throw new RangeError(`no order: id ${id}, price ${price}, shares ${shares}`)
}
