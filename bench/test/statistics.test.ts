import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '@switchyard/core'
import { bootstrapGeometricMean, bootstrapMean } from '../src/analysis/statistics/bootstrap.ts'
import { compareAll } from '../src/analysis/statistics/comparison.ts'
import { normalBelow, studentAt, studentBeyond } from '../src/analysis/statistics/distributions.ts'
import { holm } from '../src/analysis/statistics/holm.ts'
import { fitScalability, rateAt } from '../src/analysis/statistics/scalability.ts'
import { studentTest } from '../src/analysis/statistics/student.ts'

describe('distributions', () => {
  it.each([
    [0, 0.5],
    [1.959_963_984_540_054, 0.975],
    [-1.644_853_626_951_472, 0.05],
    [-5, 2.866_515_718_791_933e-7],
    [-8, 6.220_960_574_271_78e-16],
    [50, 1],
  ])('normal: below %f', (z, below) => {
    expect(normalBelow(z) / below).toBeCloseTo(1, 6)
  })

  // The tables that every textbook prints.
  it.each([
    [0.05, 1, 12.706_204_736],
    [0.05, 3, 3.182_446_305],
    [0.05, 9, 2.262_157_163],
    [0.01, 5, 4.032_142_983],
    [0.1, 30, 1.697_260_887],
  ])('Student: %f beyond, with %i degrees of freedom', (beyond, df, t) => {
    expect(studentAt(beyond, df)).toBeCloseTo(t, 6)
    expect(studentBeyond(t, df)).toBeCloseTo(beyond, 8)
  })
})

describe("Student's test", () => {
  it("has the value that R's t.test has for its own example, extra sleep of ten patients", () => {
    const differences = [1.2, 2.4, 1.3, 1.3, 0, 1, 1.8, 0.8, 4.6, 1.4]
    expect(studentTest(differences)).toBeCloseTo(0.002_832_89, 7)
  })

  it('sees nothing in one value, in zeros, and everything in values that never change', () => {
    expect([studentTest([]), studentTest([3]), studentTest([0, 0, 0]), studentTest([2, 2, 2])]).toEqual([1, 1, 1, 0])
  })
})

describe("Holm's correction", () => {
  it("has the values of R's p.adjust", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02])
    expect(holm([0.5, 0.9])).toEqual([1, 1])
    expect(holm([])).toEqual([])
  })
})

describe('the bootstrap', () => {
  it('surrounds the mean, inside of the values', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), { minLength: 4, maxLength: 12 })
    fc.assert(
      fc.property(values, (some) => {
        const { value, low, high } = bootstrapMean(some)
        const slack = 1e-9 * Math.max(...some)
        expect(low).toBeGreaterThanOrEqual(Math.min(...some) - slack)
        expect(high).toBeLessThanOrEqual(Math.max(...some) + slack)
        expect(low - slack).toBeLessThanOrEqual(value)
        expect(high + slack).toBeGreaterThanOrEqual(value)
      }),
    )
  })

  it('is as wide as theory has it for many values', () => {
    const random = new Random(3)
    const values = Array.from({ length: 400 }, () => random.fraction())
    const { low, high } = bootstrapMean(values)
    expect(high - low).toBeCloseTo((2 * 1.966 * Math.sqrt(1 / 12)) / Math.sqrt(400), 2)
  })

  it.each([5, 8, 12])('holds the true mean in about 95 of 100 trials, of %i values too', (n) => {
    const random = new Random(n)
    let held = 0
    for (let trial = 0; trial < 300; trial++) {
      const { low, high } = bootstrapMean(Array.from({ length: n }, () => normal(random)))
      if (low <= 0 && high >= 0) held++
    }
    expect(held / 300).toBeGreaterThan(0.9)
  })

  it('knows nothing from fewer than four values', () => {
    expect(bootstrapMean([2, 3, 4])).toEqual({ value: 3, low: -Infinity, high: Infinity })
    expect(bootstrapGeometricMean([2, 8]).value).toBeCloseTo(4)
  })
})

describe('comparisons', () => {
  it('find a difference of 10 %, and none of 0 %', () => {
    const random = new Random(7)
    const noise = (factor: number): number[] =>
      Array.from({ length: 8 }, () => factor * Math.exp(0.02 * normal(random)))
    const comparisons = compareAll({ a: noise(100), again: noise(100), slower: noise(90) })
    expect(comparisons.map(({ one, other, difference }) => `${one} ${difference} ${other}`)).toEqual([
      'a cannot-tell again',
      'a higher slower',
      'again higher slower',
    ])
  })

  it('call nothing a difference that is within 3 %, however sure it is', () => {
    const [comparison] = compareAll({ one: [102, 102.01, 101.99, 102], other: [100, 100, 100, 100] })
    expect(comparison?.p).toBeLessThan(1e-6)
    expect(comparison?.difference).toBe('cannot-tell')
  })

  it('call nothing a difference that may as well be chance, however large it is', () => {
    const [comparison] = compareAll({ one: [150, 80, 140, 95], other: [100, 100, 100, 100] })
    expect(comparison?.ratio.value).toBeGreaterThan(1.1)
    expect(comparison?.difference).toBe('cannot-tell')
  })

  it('are made within rounds: a machine that is half as fast in one of them changes nothing', () => {
    const [comparison] = compareAll({ one: [200, 100, 210, 205], other: [100, 50, 105, 102.5] })
    expect(comparison).toMatchObject({ difference: 'higher', blocks: 4 })
    expect(comparison?.ratio.value).toBeCloseTo(2)
  })

  it('leave out a round in which one is missing', () => {
    const [comparison] = compareAll({ one: [2, undefined, 2, 2], other: [1, 1, 1, undefined] })
    expect(comparison?.blocks).toBe(2)
  })
})

describe('the Universal Scalability Law', () => {
  const truth = { perClient: 1000, contention: 0.05, coherency: 0.0002 }
  const measured = (clients: number, spread: number) => ({
    clients,
    rates: [-1, 0, 1, 0.5].map((step) => rateAt(clients, truth) * (1 + spread * step)),
  })

  it('is found again in figures that follow it', () => {
    const fit = fitScalability([1, 4, 16, 64, 256].map((clients) => measured(clients, 0.01)))
    if (fit.state !== 'fitted') throw new Error(fit.why)
    expect(fit.law.perClient.value / 1000).toBeCloseTo(1, 1)
    expect(fit.law.contention.value).toBeCloseTo(0.05, 2)
    expect(fit.law.coherency.value).toBeCloseTo(0.0002, 4)
    expect(fit.law.contention.low).toBeLessThanOrEqual(fit.law.contention.value)
    expect(fit.law.misfit).toBeLessThan(0.02)
  })

  it('is not fitted to three numbers of clients, nor to what does not follow it', () => {
    expect(fitScalability([1, 4, 16].map((clients) => measured(clients, 0.01)))).toMatchObject({ state: 'not-fitted' })
    const bent = [1, 4, 16, 64, 256].map((clients) => measured(clients, 0.01))
    bent[2] = { clients: 16, rates: measured(16, 0.01).rates.map((rate) => 0.5 * rate) }
    expect(fitScalability(bent)).toMatchObject({ state: 'not-fitted', why: expect.stringContaining('misses') })
  })

  it('is not fitted where its constants would be below 0: more clients help each other there', () => {
    const helping = { perClient: 1000, contention: -0.005, coherency: 0.0001 }
    const points = [1, 4, 16, 64].map((clients) => ({
      clients,
      rates: [0.99, 1, 1.01].map((factor) => factor * rateAt(clients, helping)),
    }))
    expect(fitScalability(points)).toMatchObject({ state: 'not-fitted', why: expect.stringContaining('below 0') })
  })
})

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction())
}
