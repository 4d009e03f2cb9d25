import type { Guarantee } from '@switchyard/core'

/**
 * What a scene shows of a guarantee, whatever was declared. `broken`: the server died, lost connections or delivered what
 * nobody had sent, so that the question did not come up. `not-applicable`: from outside it can't be told.
 */
export type Verdict = 'holds' | 'price-paid' | 'undecided' | 'broken' | 'not-applicable'

/** One scene's answer to one guarantee. Plain data: fit for JSON. */
export interface Finding {
  readonly verdict: Verdict
  /** A sentence. */
  readonly why: string
  /** A few characters, for a table. */
  readonly figure: string
  /** Everything that was measured, units at the ends of the names. */
  readonly figures: Readonly<Record<string, number | readonly number[] | string>>
}

export type Findings = Partial<Readonly<Record<Guarantee, Finding>>>

/** Where a scene cannot have shown anything: what was in doubt takes the place of the verdict. */
export function doubted(doubts: readonly string[], finding: Finding): Finding {
  if (doubts.length === 0) return finding
  return { ...finding, verdict: 'undecided', figure: '?', why: doubts.join('; ') }
}

/** Below `holdsMax` it holds, from `paidMin` on the price is paid, and in between nobody should judge. NaN is no figure. */
export function verdictOf(value: number, { holdsMax, paidMin }: { holdsMax: number; paidMin: number }): Verdict {
  if (value <= holdsMax) return 'holds'
  return value >= paidMin ? 'price-paid' : 'undecided'
}

export function notApplicable(why: string): Finding {
  return { verdict: 'not-applicable', why, figure: 'n/a', figures: {} }
}
