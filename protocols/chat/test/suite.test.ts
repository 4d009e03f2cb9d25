import { readFileSync } from 'node:fs'
import { clauseOf, optionsOf } from '@switchyard/conformance'
import { expect, test } from 'vitest'
import { CHAT } from '../suite/index.ts'

const { cases, clauses, specification } = CHAT
const plain = (text: string): string => text.replaceAll(/[*`]/g, '').replaceAll(/\s+/g, ' ')
const text = plain(readFileSync(new URL(`../../../${specification}`, import.meta.url), 'utf8'))

test('every clause of the specification is known to the suite, and no other', () => {
  expect(clauses.map(({ id }) => id)).toEqual(Array.from(text.matchAll(/- (C\d\.\d) /g), ([, id]) => id))
})

test.each(clauses)('$id is quoted word for word, and has a case', ({ id, sentences }) => {
  for (const sentence of sentences) expect(text).toContain(`${id} ${plain(sentence)}`)
  expect(cases.some(({ clause }) => clause === id)).toBe(true)
})

test('every case has a name of its own, and stands where its clause stands', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  const order = cases.map(({ clause }) => clauses.indexOf(clauseOf(CHAT, clause)))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})

test('its own limits are complete, checked, and set only by cases whose server takes them', () => {
  expect(optionsOf(CHAT)).toEqual({
    historyLines: 10,
    floodLinesMax: 60,
    floodLinesPerSecond: 20,
    idleMs: 3_600_000,
  })
  expect(() => optionsOf(CHAT, { floodLinesMax: 0 })).toThrow(/^floodLinesMax is 0: it must be a whole number from 1 /)
  expect(cases.filter(({ options, needs }) => options && !needs.includes('limits'))).toEqual([])
})
