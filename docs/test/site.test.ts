import { describe, expect, it } from 'vitest'
import { cellsOf, COLUMNS } from '../src/site/figures.ts'
import { countAt, decodeGuess, drawnAt, emptyGuess, encodeGuess } from '../src/site/guess.ts'
import { apart, Plot } from '../src/site/plot.ts'
import { FIRST_NEEDS, needsFrom } from '../src/site/questions.ts'

describe('a plot', () => {
  const plot = new Plot({ left: 10, right: 110, top: 5, bottom: 55 }, 10, 25)

  it('puts values into its box, and finds them again', () => {
    expect([plot.x(0), plot.x(10), plot.y(0), plot.y(25)]).toEqual([10, 110, 55, 5])
    expect(plot.valuesAt(plot.x(4), plot.y(20))).toEqual({ x: 4, y: 20 })
  })

  it('draws no point where there is no value, and none above its box', () => {
    expect(plot.line([0, null, 100])).toBe('10,55 30,5')
  })

  it('keeps labels apart, and moves none that has room', () => {
    expect(apart([10, 12, 13, 100], 15)).toEqual([10, 25, 40, 100])
  })
})

describe('a guess', () => {
  it('begins at 0, and takes whole counts within its bounds', () => {
    const empty = emptyGuess(3)
    expect(drawnAt(drawnAt(empty, 1, 3.6, 90), 3, 1000, 90)).toEqual([0, 4, null, 90])
    expect([drawnAt(empty, 0, 5, 90), drawnAt(empty, 4, 5, 90)]).toEqual([empty, empty])
  })

  it('goes on from the last count that was drawn', () => {
    expect([countAt([0, 7, null, 9], 2), countAt([0, null, 9], 2), countAt([null], 0)]).toEqual([7, 9, 0])
  })

  it('is read as it was written, and only at its own length', () => {
    const guess = [0, 4, null, 90]
    expect(decodeGuess(encodeGuess(guess), 3)).toEqual(guess)
    for (const bad of ['', '0,1', '0,x,1,2']) expect(decodeGuess(bad, 3)).toBeUndefined()
  })
})

it('a measured figure has a bar in proportion; one that is missing says so', () => {
  const row = { pipelinedPerSecond: 2e6, roundTripsPerSecond: 9_000, rateLeft: 0, heldBytes: 2 ** 20, codeLines: 50 }
  const cells = cellsOf({ ...row, codeLines: null }, [row, { ...row, heldBytes: 2 ** 21 }])
  expect(COLUMNS.map(({ key }, column) => [key, cells[column]?.text, cells[column]?.barPercent])).toEqual([
    ['pipelinedPerSecond', '2.0 M', 100],
    ['roundTripsPerSecond', '9 k', 100],
    ['rateLeft', '0 %', 1],
    ['heldBytes', '1.0 MiB', 50],
    ['codeLines', 'unknown', 1],
  ])
})

it('answers that were kept come back; those that no question has do not', () => {
  expect(needsFrom(JSON.stringify({ ...FIRST_NEEDS, problem: 'chat', isolation: 'never', durable: true }))).toEqual({
    ...FIRST_NEEDS,
    problem: 'chat',
    durable: true,
  })
  for (const damaged of ['{', 'null', '3']) expect(needsFrom(damaged)).toEqual(FIRST_NEEDS)
})
