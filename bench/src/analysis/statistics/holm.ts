/**
 * Holm's step-down correction: of many comparisons, one in twenty seems to show something where there is nothing. The
 * answers, in the order of the questions, are such that calling all those below 0.05 real is wrong anywhere with a
 * probability of at most 0.05.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).toSorted((one, other) => one.p - other.p)
  const corrected: number[] = []
  let least = 0
  for (const [rank, { p, index }] of order.entries()) {
    least = Math.min(1, Math.max(least, (ps.length - rank) * p))
    corrected[index] = least
  }
  return corrected
}
