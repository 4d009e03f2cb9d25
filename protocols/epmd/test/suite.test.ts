import { optionsOf } from '@switchyard/conformance'
import { expect, test } from 'vitest'
import { EPMD } from '../suite/index.ts'

test('its own limits are complete, and checked', () => {
  expect(optionsOf(EPMD)).toEqual({ idleMs: 60_000, relaxed: 0 })
  expect(optionsOf(EPMD, { relaxed: 1 })).toEqual({ idleMs: 60_000, relaxed: 1 })
  expect(() => optionsOf(EPMD, { relaxed: 2 })).toThrow(/^relaxed is 2: it must be a whole number from 0 to 1$/)
  expect(() => optionsOf(EPMD, { strict: 1 })).toThrow(/^there is no option strict$/)
})
