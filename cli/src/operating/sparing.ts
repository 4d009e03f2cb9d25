const WINDOW_MS = 1_000

/** Lets so many of one kind through in a second, and counts the others: a flood of connections is no flood of lines. */
export class Sparing {
  readonly #max: number
  readonly #now: () => number
  readonly #windows = new Map<string, { startedAt: number; passed: number; skipped: number }>()

  /** `now` in ms. Kinds are few and fixed: each is remembered. */
  constructor(max: number, now: () => number) {
    this.#max = max
    this.#now = now
  }

  /** How many of this kind were skipped since the last one that passed; undefined if this one is to be skipped too. */
  pass(kind: string): number | undefined {
    const now = this.#now()
    const window = this.#windows.get(kind) ?? { startedAt: now, passed: 0, skipped: 0 }
    this.#windows.set(kind, window)
    if (now - window.startedAt >= WINDOW_MS) {
      window.startedAt = now
      window.passed = 0
    }
    if (window.passed === this.#max) {
      window.skipped++
      return undefined
    }
    window.passed++
    const { skipped } = window
    window.skipped = 0
    return skipped
  }
}
