import { liveClock } from '@switchyard/core'

/** One run's time: when faults begin and when they are over. Ending it ends every wait for it. */
export class Timeline implements Disposable {
  readonly #waits = new Set<{ readonly healing: boolean; readonly wake: () => void }>()
  #startedAt: number | undefined
  #healed = false
  #over = false

  /** From now on it counts. */
  begin(): void {
    this.#startedAt = liveClock.now()
  }

  /** Milliseconds since it began; 0 before. */
  get now(): number {
    return this.#startedAt === undefined ? 0 : liveClock.now() - this.#startedAt
  }

  get healed(): boolean {
    return this.#healed
  }

  heal(): void {
    this.#healed = true
    for (const wait of this.#waits) if (wait.healing) wait.wake()
  }

  /** Settles at `ms`, or when the faults are healed, if that is earlier. */
  untilMs(ms: number): Promise<void> {
    return this.#healed ? Promise.resolve() : this.#wait(ms - this.now, true)
  }

  untilHealed(): Promise<void> {
    return this.#healed ? Promise.resolve() : this.#wait(undefined, true)
  }

  /** Settles `ms` from now, healed or not. */
  pause(ms: number): Promise<void> {
    return this.#wait(ms, false)
  }

  [Symbol.dispose](): void {
    this.#over = true
    this.#healed = true
    for (const wait of this.#waits) wait.wake()
  }

  #wait(ms: number | undefined, healing: boolean): Promise<void> {
    if (this.#over || (ms !== undefined && ms <= 0)) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = ms === undefined ? undefined : liveClock.after(ms, () => wait.wake())
      const wait = {
        healing,
        wake: (): void => {
          cancel?.()
          this.#waits.delete(wait)
          resolve()
        },
      }
      this.#waits.add(wait)
    })
  }
}
