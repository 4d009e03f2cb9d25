import type { Place } from './statistics.ts'

/** What one server holds, by place, and who is to be told when it falls below the bound of R5.6. */
export class HeldBytes {
  readonly #max: number
  readonly #byPlace: Record<Place, number> = { input: 0, chunks: 0, channels: 0, mailboxes: 0, queues: 0, sockets: 0 }
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
