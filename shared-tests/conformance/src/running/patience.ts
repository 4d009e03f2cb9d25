import type { CaseResult } from './report.ts'

/** How long a case may stand still where nothing is known of the server, ms. */
export const STILL_MS = 5_000
/** The least for a server that answers at once: other programs want to run too, ms. */
const STILL_MIN_MS = 500
/** So many round trips may pass in which nothing moves. */
const ROUND_TRIPS = 40

/** How long a server may stand still that greets a client within `roundTripMs`. */
export function stillMsFor(roundTripMs: number): number {
  return Math.min(STILL_MS, Math.max(STILL_MIN_MS, Math.ceil(ROUND_TRIPS * roundTripMs)))
}

/** How long a case may stand still at most, once so many have: a server that has shown that it can is given less time. */
const LESS = [
  { stood: 10, stillMs: 500 },
  { stood: 2, stillMs: 1_000 },
] as const
/** Where so many have failed and hardly any has passed, what is wrong is wrong with all of them. */
const HOPELESS_CASES = 10
const HARDLY_ANY = 0.1

/**
 * How long a run waits for a server that stands still, and whether it goes on at all: a first verdict should not take
 * minutes in order to say one thing eighty times.
 */
export class Patience {
  readonly #stillMs: number
  #stood = 0
  #failed = 0
  #passed = 0

  constructor(stillMs: number) {
    this.#stillMs = stillMs
  }

  get stillMs(): number {
    const less = LESS.find(({ stood }) => this.#stood >= stood)
    return Math.min(this.#stillMs, less?.stillMs ?? this.#stillMs)
  }

  /** Why the rest is not run; undefined while there is hope. */
  get over(): string | undefined {
    if (this.#failed < HOPELESS_CASES || this.#passed > HARDLY_ANY * this.#failed) return undefined
    return `${this.#passed} of the first ${this.#failed + this.#passed} cases passed; mend what is wrong with those first`
  }

  /** Answers with what it was given. */
  learn(result: CaseResult): CaseResult {
    switch (result.verdict) {
      case 'passed':
      case 'failed-as-declared':
      case 'flaky':
        this.#passed++
        break
      case 'failed':
        this.#failed++
        if (result.ms >= this.stillMs) this.#stood++
        break
      case 'not-applicable':
      case 'not-run':
      case 'undecided':
        break
    }
    return result
  }
}
