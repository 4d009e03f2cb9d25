import { optionsOf } from '@switchyard/conformance'
import { expect, test } from 'vitest'
import { CHAT } from '../suite/index.ts'

test('its own limits are complete, and checked', () => {
  expect(optionsOf(CHAT)).toEqual({
    historyLines: 10,
    floodLinesMax: 60,
    floodLinesPerSecond: 20,
    idleMs: 3_600_000,
  })
  expect(() => optionsOf(CHAT, { floodLinesMax: 0 })).toThrow(/^floodLinesMax is 0: it must be a whole number from 1 /)
})
