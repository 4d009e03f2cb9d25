import type { Verdict } from './finding.ts'

/** What must be left of a pair's progress for it to go on, and at most to stand still. In between nobody should judge. */
const GOES_ON_MIN = 0.25
const STANDS_MAX = 0.02

/** What the pair that fared worst got through, as a share of what it did in an equal time before. */
export function leftOf(before: readonly number[], during: readonly number[]): number {
  if (before.length === 0 || before.some((messages) => messages === 0)) return Number.NaN
  return Math.min(...before.map((messages, pair) => (during[pair] ?? Number.NaN) / messages))
}

export function progressVerdict(left: number): Verdict {
  if (left >= GOES_ON_MIN) return 'holds'
  return left <= STANDS_MAX ? 'price-paid' : 'undecided'
}
