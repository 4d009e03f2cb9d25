/** The only door to time and to the end of a turn: everything in a server that waits for either goes through here. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Calls `fn` once, `ms` from now. Returns what cancels it; cancelling twice, or late, is harmless. */
  after(ms: number, fn: () => void): Cancel
  /**
   * Calls `fn` once when this turn ends: after everything that became ready together has been seen. Calls come in the
   * order in which they were asked for; what they ask for in turn is the next turn's.
   */
  turn(fn: () => void): void
}

export type Cancel = () => void

/**
 * The machine's own time; a turn is a pass of Node's event loop, whose end is `setImmediate`. What falls due is called at
 * the end of a turn: after a pause of this process, what the operating system had to report meanwhile is seen first, and no
 * deadline ends a client that had kept it.
 */
export const liveClock: Clock = {
  now: () => performance.now(),
  after(ms, fn) {
    let due: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      due = setImmediate(fn)
    }, ms)
    return () => {
      clearTimeout(timer)
      clearImmediate(due)
    }
  },
  turn(fn) {
    setImmediate(fn)
  },
}

/** Time that stands still until told to move; turns are live. So a deadline of ten seconds is tested in none. */
export class ManualClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ readonly at: number; readonly fn: () => void }>()

  now(): number {
    return this.#now
  }

  after(ms: number, fn: () => void): Cancel {
    const timer = { at: this.#now + ms, fn }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  turn(fn: () => void): void {
    setImmediate(fn)
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#timers.size
  }

  /** Moves time on by `ms` and calls every timer that falls due, earliest first, each at its own time. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      let next: { readonly at: number; readonly fn: () => void } | undefined
      for (const timer of this.#timers) if (timer.at <= until && (!next || timer.at < next.at)) next = timer
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
    }
    this.#now = Math.max(this.#now, until)
  }
}
