import type { Clock } from './clock.ts'

/** Numbers the turns in which something was read, and calls back at their end. */
export class Turns {
  readonly #clock: Clock
  #current = 1
  #scheduled = false
  #atEnd: (() => void)[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** This turn's number; it differs from every number that was given out in an earlier turn. */
  get current(): number {
    this.#schedule()
    return this.#current
  }

  atEnd(fn: () => void): void {
    this.#atEnd.push(fn)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#clock.turn(this.#end)
  }

  readonly #end = (): void => {
    this.#scheduled = false
    this.#current++
    const calls = this.#atEnd
    this.#atEnd = []
    for (const call of calls) call()
  }
}
