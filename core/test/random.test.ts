import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../src/index.ts'

describe('random order', () => {
  it('is fixed by the seed, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        const order = new Random(seed).shuffled(items)
        expect(new Random(seed).shuffled(items)).toEqual(order)
        expect(order.toSorted((a, b) => a - b)).toEqual(items.toSorted((a, b) => a - b))
      }),
    )
  })

  it('puts every item first about equally often', () => {
    const random = new Random(1)
    const firsts = new Map<string, number>()
    for (let i = 0; i < 3_000; i++) {
      const [first = ''] = random.shuffled(['a', 'b', 'c'])
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    for (const count of firsts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(100)
  })
})
