/** What becomes of one line. `forgiven` is accepted too, and tells how many lines before it were not. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'forgiven'; readonly dropped: number }
  | { readonly kind: 'flooding' }
  | { readonly kind: 'dropped' }

const ACCEPTED: Verdict = { kind: 'accepted' }
const FLOODING: Verdict = { kind: 'flooding' }
const DROPPED: Verdict = { kind: 'dropped' }

export interface FloodLimits {
  /** C6.1: lines that one member may send at once, after a while of silence. */
  readonly floodLinesMax: number
  /** C6.1: and every second after that; 0 is no limit. */
  readonly floodLinesPerSecond: number
}

/**
 * One member's token bucket (C6.1): a line takes a token, and time brings them back. Who has run out is let in again when
 * half of the bucket is full, and not at the first token: a flooder would be told of each line that gets through.
 */
export class FloodLimit {
  readonly #limits: FloodLimits
  #tokens: number
  #at: number
  #dropped = 0

  constructor(limits: FloodLimits, now: number) {
    this.#limits = limits
    this.#tokens = limits.floodLinesMax
    this.#at = now
  }

  /** Judges the next line. `flooding` comes once, with the first line that is dropped. */
  take(now: number): Verdict {
    const { floodLinesMax, floodLinesPerSecond } = this.#limits
    if (floodLinesPerSecond === 0) return ACCEPTED
    if (now !== this.#at) {
      this.#tokens = Math.min(floodLinesMax, this.#tokens + ((now - this.#at) * floodLinesPerSecond) / 1000)
      this.#at = now
    }
    const needed = this.#dropped === 0 ? 1 : Math.max(1, floodLinesMax / 2)
    if (this.#tokens < needed) return this.#dropped++ === 0 ? FLOODING : DROPPED
    this.#tokens--
    if (this.#dropped === 0) return ACCEPTED
    const dropped = this.#dropped
    this.#dropped = 0
    return { kind: 'forgiven', dropped }
  }
}
