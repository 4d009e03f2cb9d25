import { bootstrapGeometricMean } from './bootstrap.ts'
import type { Interval } from './bootstrap.ts'
import { holm } from './holm.ts'
import { studentTest } from './student.ts'

/** What is within this of each other is as good as equal, however sure it may be. */
export const MARGIN = 0.03
const ERROR_MAX = 0.05

/** `higher`, `lower`: beyond the margin, and after the correction hardly by chance. */
export type Difference = 'higher' | 'lower' | 'cannot-tell'

/** Two names and the ratios of their figures, one of each round that has both. */
export interface Compared {
  readonly one: string
  readonly other: string
  readonly ratios: readonly number[]
}

export interface Comparison extends Compared {
  /** How many times the other's figure the one's is. */
  readonly ratio: Interval
  readonly blocks: number
  /** The probability of such a ratio between equals, corrected for all comparisons made together. */
  readonly p: number
  readonly difference: Difference
}

/** Figures by name, one of each round; all positive. A round in which one is missing does not count for its pairs. */
export type Figures = Readonly<Record<string, readonly (number | undefined)[]>>

/**
 * Everybody with everybody, within rounds: a drift of the machine from round to round is in both figures and falls out of
 * their ratio.
 */
export function compareAll(figures: Figures): Comparison[] {
  const names = Object.keys(figures)
  return compare(
    names.flatMap((one, index) =>
      names
        .slice(index + 1)
        .map((other) => ({ one, other, ratios: ratiosOf(figures[one] ?? [], figures[other] ?? []) })),
    ),
  )
}

/** Comparisons that are made together. The interval is the bootstrap's; the test is Student's, of the ratios' logarithms. */
export function compare(pairs: readonly Compared[]): Comparison[] {
  const ps = holm(pairs.map(({ ratios }) => studentTest(ratios.map(Math.log))))
  return pairs.map(({ one, other, ratios }, index) => {
    const ratio = bootstrapGeometricMean(ratios)
    const p = ps[index]!
    return { one, other, ratios, ratio, blocks: ratios.length, p, difference: differenceOf(ratio.value, p) }
  })
}

export function ratiosOf(one: readonly (number | undefined)[], other: readonly (number | undefined)[]): number[] {
  return one.flatMap((value, round) => {
    const ratio = (value ?? Number.NaN) / (other[round] ?? Number.NaN)
    return Number.isFinite(ratio) && ratio > 0 ? [ratio] : []
  })
}

/** What may be said of a ratio whose corrected probability between equals is `p`. */
export function differenceOf(ratio: number, p: number): Difference {
  if (p >= ERROR_MAX || Math.abs(Math.log(ratio)) <= Math.log(1 + MARGIN)) return 'cannot-tell'
  return ratio > 1 ? 'higher' : 'lower'
}
