/** Numbers that look random: one seed, one sequence, on every machine. The 32-bit generator "mulberry32" (Tommy Ettinger, public domain). */
export class Random {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** A number from 0 to below 1. */
  fraction(): number {
    return this.#bits() / 2 ** 32
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count)
  }

  /** A whole number from `min` to `max`, both included. Kept beside `below` because published seeds depend on it. */
  integer(min: number, max: number): number {
    return min + (this.#bits() % (max - min + 1))
  }

  /** A new list, in random order (Fisher and Yates). */
  shuffled<Item>(items: readonly Item[]): Item[] {
    const rest = [...items]
    const order: Item[] = []
    while (rest.length > 0) order.push(...rest.splice(this.below(rest.length), 1))
    return order
  }

  /** 32 bits, as a whole number. */
  #bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
