import { mean } from './bootstrap.ts'
import { studentBeyond } from './distributions.ts'

/**
 * Student's test for one sample: how probable a mean this far from 0 is if the true one is 0. 1 for fewer than two values;
 * 0 for equal values that are not 0.
 */
export function studentTest(values: readonly number[]): number {
  const n = values.length
  if (n < 2) return 1
  const centre = mean(values)
  return centre === 0 ? 1 : studentBeyond(centre / Math.sqrt(varianceOf(values) / n), n - 1)
}

/** Welch's test for two samples, whose variances may differ: how probable means this far apart are if they are equal. */
export function welchTest(one: readonly number[], other: readonly number[]): number {
  if (one.length < 2 || other.length < 2) return 1
  const difference = mean(one) - mean(other)
  if (difference === 0) return 1
  const a = varianceOf(one) / one.length
  const b = varianceOf(other) / other.length
  const df = (a + b) ** 2 / (a ** 2 / (one.length - 1) + b ** 2 / (other.length - 1))
  return a + b === 0 ? 0 : studentBeyond(difference / Math.sqrt(a + b), df)
}

function varianceOf(values: readonly number[]): number {
  const centre = mean(values)
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1)
}
