import { Random } from '@switchyard/core'
import { normalBelow, studentAt } from './distributions.ts'

/** An estimate and what it may as well be. */
export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

const RESAMPLES = 2_000
/** The fewest values that give an interval: with fewer, even their whole range would miss the mean more than one time in eight. */
const VALUES_MIN = 4
/** Intervals are drawn anew whenever a report is, and are to be the same each time. */
const SEED = 95

/**
 * The mean of `values` and its 95 % interval by the bootstrap: values are drawn with repetition, again and again, and the
 * interval is where the middle of those means lies. Few values make plain percentiles too narrow; these are widened as
 * Hesterberg (What Teachers Should Know About the Bootstrap, 2015, section 5.3) does, which for four or five values is as
 * far as the values themselves reach. NaN of no values; of fewer than four, the interval is everything.
 */
export function bootstrapMean(values: readonly number[], confidence = 0.95): Interval {
  return bootstrapped(mean(values), values.length, confidence, (draw) => draw(values))
}

/** The difference of the means of two samples that have nothing to do with each other: `one` minus `other`. */
export function bootstrapDifference(one: readonly number[], other: readonly number[], confidence = 0.95): Interval {
  const fewest = Math.min(one.length, other.length)
  return bootstrapped(mean(one) - mean(other), fewest, confidence, (draw) => draw(one) - draw(other))
}

/** `redo` calculates the value anew from the means of drawn values. */
function bootstrapped(
  value: number,
  n: number,
  confidence: number,
  redo: (draw: (values: readonly number[]) => number) => number,
): Interval {
  if (n < VALUES_MIN) return { value, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const random = new Random(SEED)
  const drawnMean = (values: readonly number[]): number => {
    let sum = 0
    for (let drawn = 0; drawn < values.length; drawn++) sum += values[random.below(values.length)]!
    return sum / values.length
  }
  const redone = Float64Array.from({ length: RESAMPLES }, () => redo(drawnMean)).sort()
  const outside = normalBelow(-Math.sqrt(n / (n - 1)) * studentAt(1 - confidence, n - 1))
  return { value, low: at(redone, outside), high: at(redone, 1 - outside) }
}

/** The geometric mean of positive `values`, with its interval: for what is compared as ratios. */
export function bootstrapGeometricMean(values: readonly number[], confidence?: number): Interval {
  const { value, low, high } = bootstrapMean(values.map(Math.log), confidence)
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Nearest rank in a sorted list. */
function at(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!
}
