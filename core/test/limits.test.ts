import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, LIMIT_NAMES, limitsOf, READ_BYTES } from '../src/limits.ts'
import type { Limits } from '../src/limits.ts'

const RANGES: readonly (readonly [name: keyof Limits, min: number, max: number])[] = [
  ['messageBytesMax', 1, 2 ** 30],
  ['connectionsMax', 1, 2 ** 24],
  ['idsMax', 1, 2 ** 31 - 1],
  ['writeDeadlineMs', 1, 2 ** 31 - 1],
  ['queuedBytesMax', 1024, 2 ** 31],
  ['lingerMs', 1, 2 ** 31 - 1],
  ['graceMs', 1, 2 ** 31 - 1],
  ['heldBytesMax', 1024, 2 ** 40],
]

/** One limit, and whatever the other then has to be. */
function only(name: keyof Limits, value: number): Partial<Limits> {
  if (name === 'messageBytesMax') return { queuedBytesMax: 2 ** 31, [name]: value }
  if (name === 'queuedBytesMax') return { messageBytesMax: 1, [name]: value }
  return { [name]: value }
}

test('one read is 64 KiB', () => {
  expect(READ_BYTES).toBe(65_536)
})

test('the defaults are those of PROTOCOL section 5', () => {
  expect(limitsOf()).toEqual({
    messageBytesMax: 1_048_576,
    connectionsMax: 65_535,
    idsMax: 2_147_483_647,
    writeDeadlineMs: 10_000,
    queuedBytesMax: 1_048_576,
    lingerMs: 1_000,
    graceMs: 5_000,
    heldBytesMax: 268_435_456,
  })
  expect(limitsOf({})).toEqual(DEFAULT_LIMITS)
})

test('the names are those of the defaults', () => {
  expect([...LIMIT_NAMES].toSorted()).toEqual(Object.keys(DEFAULT_LIMITS).toSorted())
  expect(RANGES.map(([name]) => name).toSorted()).toEqual([...LIMIT_NAMES].toSorted())
})

test('what is given replaces its default and nothing else; the answer is nobody else’s', () => {
  const given: Partial<Limits> = { lingerMs: 7 }
  Reflect.set(given, 'graceMs', undefined)
  const limits = limitsOf(given)
  expect(limits).toEqual({ ...DEFAULT_LIMITS, lingerMs: 7 })
  expect(limits).not.toBe(limitsOf(given))
  expect(limitsOf()).not.toBe(DEFAULT_LIMITS)
})

describe.each(RANGES)('%s', (name, min, max) => {
  test.each([min, min + 1, max - 1, max])('may be %d', (value) => {
    expect(limitsOf(only(name, value))[name]).toBe(value)
  })

  test.each([min - 1, max + 1, min + 0.5, -min, Number.NaN, Infinity])('may not be %d, and is told why', (value) => {
    expect(() => limitsOf(only(name, value))).toThrow(
      new RangeError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`),
    )
  })

  test('may not be a number in quotes, as a command line would have it', () => {
    const given = only(name, max)
    Reflect.set(given, name, `${max}`)
    expect(() => limitsOf(given)).toThrow(RangeError)
  })
})

describe('R5.4 "at least `messageBytesMax`, else a RangeError"', () => {
  test.each([5000, 5001])('%d beside 5000 is enough', (queuedBytesMax) => {
    expect(limitsOf({ messageBytesMax: 5000, queuedBytesMax })).toMatchObject({ queuedBytesMax })
  })

  test('4999 beside 5000 is not, and both are named', () => {
    const limits = { messageBytesMax: 5000, queuedBytesMax: 4999 }
    expect(() => limitsOf(limits)).toThrow(RangeError)
    expect(() => limitsOf(limits)).toThrow('queuedBytesMax is 4999: it must be at least messageBytesMax, 5000,')
  })

  test('a default counts as much as what is given', () => {
    expect(() => limitsOf({ messageBytesMax: DEFAULT_LIMITS.queuedBytesMax + 1 })).toThrow(RangeError)
    expect(() => limitsOf({ queuedBytesMax: DEFAULT_LIMITS.messageBytesMax - 1 })).toThrow(RangeError)
  })
})
