import { describe, expect, it } from 'vitest'
import { median, quantile } from '../src/analysis/quantiles.ts'

describe('quantiles', () => {
  it('are values of the list, by rank', () => {
    const values = [5, 1, 4, 2, 3]
    expect([0, 0.2, 0.21, 0.5, 0.99, 1].map((q) => quantile(values, q))).toEqual([1, 1, 2, 3, 5, 5])
    expect(quantile([], 0.5)).toBeNaN()
  })

  it('have the mean of the middle two as their median', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7])
    expect(median([])).toBeNaN()
  })
})
