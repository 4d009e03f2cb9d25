import type { Cancel, Clock } from './clock.ts'

/** One timer for a whole protocol: the earliest of the times that it was set to. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #at = Number.POSITIVE_INFINITY
  #cancel: Cancel | undefined
  #rang = false

  /** `ring` is called when a time has come, once until `take`. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** By the clock, ms. A time that has passed rings at the end of this turn at the earliest. */
  set(at: number): void {
    if (at >= this.#at) return
    this.#at = at
    this.#start()
  }

  /** Whether it has rung since the last call. */
  take(): boolean {
    const rang = this.#rang
    this.#rang = false
    return rang
  }

  cancel(): void {
    this.#cancel?.()
    this.#rang = false
  }

  #start(): void {
    this.#cancel?.()
    this.#cancel = this.#clock.after(Math.max(0, this.#at - this.#clock.now()), this.#elapsed)
  }

  /** Timers fire up to 1.5 ms early. */
  readonly #elapsed = (): void => {
    if (this.#clock.now() < this.#at) return this.#start()
    this.#at = Number.POSITIVE_INFINITY
    this.#rang = true
    this.#ring()
  }
}
