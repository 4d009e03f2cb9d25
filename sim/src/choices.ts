/**
 * Where the world could go either way it asks for a number. The answers, in order, are the schedule: the same answers
 * make the same run, on any machine.
 */
export interface Choices {
  /** A whole number from 0 to `count - 1`; `count` is at least 2. 0 is the plainest way to go on. */
  choose(count: number, kind: ChoiceKind): number
}

/** `next`: which event is next; `cut`: how much of what is there arrives; `accept`: how much a full-size write gets rid of. */
export type ChoiceKind = 'next' | 'cut' | 'accept'

/** The 32-bit generator "mulberry32" (Tommy Ettinger, public domain): small, fast and the same everywhere. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * count)
  }
}
