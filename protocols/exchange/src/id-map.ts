import { at, NONE } from './int32.ts'

const ID = 0
const SLOT = 1
const WORDS = 2

/**
 * Slots by id, with open addressing and linear probing, at most half full. It is allocated once and never grows. An id is its
 * own hash: the exchange numbers orders itself, one after the other, so ids neither collide by accident nor on purpose.
 */
export class IdMap {
  readonly #words: Int32Array
  readonly #mask: number

  /** `entriesMax`: the most entries that it will hold; the caller keeps to it. */
  constructor(entriesMax: number) {
    const places = 2 ** Math.ceil(Math.log2(2 * entriesMax))
    this.#mask = places - 1
    this.#words = new Int32Array(places * WORDS).fill(NONE)
  }

  /** The id's slot, or `NONE`. */
  get(id: number): number {
    const words = this.#words
    for (let place = id & this.#mask; ; place = (place + 1) & this.#mask) {
      const found = at(words, place * WORDS + ID)
      if (found === id) return at(words, place * WORDS + SLOT)
      if (found === NONE) return NONE
    }
  }

  /** The id is not in the map yet. */
  add(id: number, slot: number): void {
    const words = this.#words
    let place = id & this.#mask
    while (at(words, place * WORDS + ID) !== NONE) place = (place + 1) & this.#mask
    words[place * WORDS + ID] = id
    words[place * WORDS + SLOT] = slot
  }

  /** The id is in the map. Entries behind it move up, so that no place is ever marked as deleted. */
  delete(id: number): void {
    const words = this.#words
    const mask = this.#mask
    let hole = id & mask
    while (at(words, hole * WORDS + ID) !== id) hole = (hole + 1) & mask
    for (let place = (hole + 1) & mask; ; place = (place + 1) & mask) {
      const next = at(words, place * WORDS + ID)
      if (next === NONE) break
      const fromHome = (place - (next & mask)) & mask
      if (fromHome < ((place - hole) & mask)) continue
      words[hole * WORDS + ID] = next
      words[hole * WORDS + SLOT] = at(words, place * WORDS + SLOT)
      hole = place
    }
    words[hole * WORDS + ID] = NONE
  }
}
