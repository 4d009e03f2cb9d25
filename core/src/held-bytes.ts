import { PLACES } from './statistics.ts'
import type { Place } from './statistics.ts'

/** What one server holds, by place, and who is to be told when it falls below the bound of R5.6. */
export class HeldBytes {
  readonly #max: number
  readonly #byPlace = Object.fromEntries(PLACES.map((place) => [place, 0])) as Record<Place, number>
  readonly #fell: () => void
  #total = 0

  /** `fell` is called when the total falls below `max`. */
  constructor(max: number, fell: () => void) {
    this.#max = max
    this.#fell = fell
  }

  add(place: Place, delta: number): void {
    const before = this.#total
    this.#byPlace[place] += delta
    this.#total += delta
    if (before >= this.#max && this.#total < this.#max) this.#fell()
  }

  at(place: Place): number {
    return this.#byPlace[place]
  }

  get full(): boolean {
    return this.#total >= this.#max
  }

  get max(): number {
    return this.#max
  }

  byPlace(): Record<Place, number> {
    return { ...this.#byPlace }
  }
}
