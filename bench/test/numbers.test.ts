import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { median, quantile } from '../src/analysis/quantiles.ts'
import { randomFrom, shuffled } from '../src/random.ts'

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

describe('random order', () => {
  it('is fixed by the seed, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const order = shuffled(items, randomFrom(seed))
        expect(shuffled(items, randomFrom(seed))).toEqual(order)
        expect(order.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b))
      }),
    )
  })

  it('puts every item first about equally often', () => {
    const random = randomFrom(1)
    const firsts = new Map<string, number>()
    for (let i = 0; i < 3_000; i++) {
      const [first = ''] = shuffled(['a', 'b', 'c'], random)
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(100)
  })
})
