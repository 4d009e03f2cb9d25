import { at, NONE } from './int32.ts'

export const BUY = 0
export const SELL = 1
export type Side = typeof BUY | typeof SELL

/** Moving fewer entries than this is faster by hand than by `copyWithin`. */
const MOVED_BY_HAND_MAX = 32

/**
 * The prices of one side that have orders, in a sorted array of keys: the best price is the last one, where almost everything
 * happens. A key is larger the better its price is, so both sides share this code (`Book` makes keys). What stays in place
 * while entries of the array move is a level's index in the pool: `head` and `tail` of its queue of orders.
 */
export class Levels {
  readonly max: number
  readonly #keys: Int32Array
  readonly #levels: Int32Array
  #count = 0
  /** First and last slot of each level's queue. */
  readonly heads: Int32Array
  readonly tails: Int32Array
  /** Each level's key, by index in the pool. */
  readonly keyOf: Int32Array
  /** Open shares of each level: more than an Int32 can count. */
  readonly shares: Float64Array
  /** Levels that are free, as a stack. */
  readonly #free: Int32Array

  constructor(max: number) {
    this.max = max
    this.#keys = new Int32Array(max)
    this.#levels = new Int32Array(max)
    this.heads = new Int32Array(max).fill(NONE)
    this.tails = new Int32Array(max).fill(NONE)
    this.keyOf = new Int32Array(max)
    this.shares = new Float64Array(max)
    // By hand: `Int32Array.from` takes a millisecond and more for the levels of a book, and a book is made for each judged case.
    this.#free = new Int32Array(max)
    for (let index = 0; index < max; index++) this.#free[index] = max - 1 - index
  }

  get count(): number {
    return this.#count
  }

  /** The best level, or `NONE`. */
  get best(): number {
    return this.#count === 0 ? NONE : at(this.#levels, this.#count - 1)
  }

  /** The `rank`-th best level, from 0; `rank` is below `count`. */
  ranked(rank: number): number {
    return at(this.#levels, this.#count - 1 - rank)
  }

  /** The level with this key, or `NONE`. */
  find(key: number): number {
    const place = this.#place(key)
    return place < this.#count && at(this.#keys, place) === key ? at(this.#levels, place) : NONE
  }

  /** The level with this key; a new, empty one if there is none yet. The caller sees to it that there is room. */
  findOrAdd(key: number): number {
    const place = this.#place(key)
    if (place < this.#count && at(this.#keys, place) === key) return at(this.#levels, place)
    const level = at(this.#free, this.max - 1 - this.#count)
    this.#move(place, place + 1, this.#count - place)
    this.#keys[place] = key
    this.#levels[place] = level
    this.#count++
    this.keyOf[level] = key
    this.shares[level] = 0
    return level
  }

  /** Takes a level out whose queue is empty. */
  remove(level: number): void {
    const place = this.#place(at(this.keyOf, level))
    this.#move(place + 1, place, this.#count - place - 1)
    this.#count--
    this.#free[this.max - 1 - this.#count] = level
  }

  /** How many keys are smaller. Gallops from the best, since most prices are near it, then halves. */
  #place(key: number): number {
    const keys = this.#keys
    let high = this.#count
    let step = 1
    let low = high - step
    while (low >= 0 && at(keys, low) >= key) {
      high = low
      step *= 2
      low -= step
    }
    if (low < 0) low = -1
    // Now everything up to `low` is smaller than the key, and everything from `high` is not.
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (at(keys, middle) < key) low = middle
      else high = middle
    }
    return high
  }

  #move(from: number, to: number, length: number): void {
    const keys = this.#keys
    const levels = this.#levels
    if (length > MOVED_BY_HAND_MAX) {
      keys.copyWithin(to, from, from + length)
      levels.copyWithin(to, from, from + length)
    } else if (to < from) {
      for (let index = 0; index < length; index++) {
        keys[to + index] = at(keys, from + index)
        levels[to + index] = at(levels, from + index)
      }
    } else {
      for (let index = length - 1; index >= 0; index--) {
        keys[to + index] = at(keys, from + index)
        levels[to + index] = at(levels, from + index)
      }
    }
  }
}
