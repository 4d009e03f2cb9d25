import type { Cancel, Clock } from '@switchyard/core'

interface Timer {
  readonly at: number
  readonly fn: () => void
}

/** A clock whose time and turns move only when the simulator moves them. */
export class SimClock implements Clock {
  #now = 0
  readonly #timers = new Set<Timer>()
  #turn: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): Cancel {
    const timer: Timer = { at: this.#now + ms, fn }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  turn(fn: () => void): void {
    this.#turn.push(fn)
  }

  /** Whether somebody waits for the end of this turn. */
  get turnPending(): boolean {
    return this.#turn.length > 0
  }

  get timerPending(): boolean {
    return this.#timers.size > 0
  }

  /** Whether a timer falls due by `until`, ms. */
  timerBy(until: number): boolean {
    for (const { at } of this.#timers) if (at <= until) return true
    return false
  }

  /** Ends the turn: answers with what is to be called, in order. */
  endTurn(): readonly (() => void)[] {
    const calls = this.#turn
    this.#turn = []
    return calls
  }

  /**
   * Moves to the earliest timer; answers with what it calls. Among timers of one moment the first that was set comes first.
   * If there is none by `until`, it moves there, and answers with nothing.
   */
  nextTimer(until: number = Number.POSITIVE_INFINITY): (() => void) | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer
    if (!next) {
      if (until !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, until)
      return undefined
    }
    this.#timers.delete(next)
    this.#now = Math.max(this.#now, next.at)
    return next.fn
  }
}
