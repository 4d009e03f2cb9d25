import { ADJECTIVES, ANIMALS } from './words.ts'

const NAME = /^[A-Za-z0-9_-]{2,20}$/
const PAIRS = ADJECTIVES.length * ANIMALS.length
/** Half of the bits of an even number of them that counts all pairs. */
const HALF_BITS = Math.ceil(Math.log2(PAIRS) / 2)
const HALF_MASK = 2 ** HALF_BITS - 1
const ROUNDS = [0, 1, 2, 3] as const

/** C2.2, of names and of rooms. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/**
 * Names for those who come (C2.1): an adjective and an animal, in an order that looks random and repeats no pair. When all
 * pairs have been given, they are given again with a number behind them.
 *
 * The order is a permutation that needs no memory: a Feistel network over the numbers of the pairs, in which a result that
 * is no pair's number goes through again (cycle-walking; Black and Rogaway, 2002).
 */
export class NameSequence {
  readonly #keys: readonly number[]
  #given = 0

  /** The same seed gives the same names. */
  constructor(seed: number) {
    this.#keys = ROUNDS.map((round) => mixed(seed + Math.imul(round + 1, 0x9e3779b9)))
  }

  next(): string {
    const lap = Math.floor(this.#given / PAIRS)
    const pair = this.#permuted(this.#given % PAIRS)
    this.#given++
    const name = `${ADJECTIVES[pair % ADJECTIVES.length]}${ANIMALS[Math.floor(pair / ADJECTIVES.length)]}`
    return lap === 0 ? name : `${name}${lap + 1}`
  }

  #permuted(pair: number): number {
    let number = pair
    do number = this.#encrypted(number)
    while (number >= PAIRS)
    return number
  }

  #encrypted(number: number): number {
    let left = number >>> HALF_BITS
    let right = number & HALF_MASK
    for (const key of this.#keys) [left, right] = [right, left ^ (mixed(right ^ key) & HALF_MASK)]
    return (left << HALF_BITS) | right
  }
}

/** All 32 bits of `number` bear on each bit of the result (the finalizer of MurmurHash3, public domain). */
function mixed(number: number): number {
  let bits = number | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
