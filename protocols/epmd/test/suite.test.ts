import { readFileSync } from 'node:fs'
import { clauseOf, optionsOf } from '@switchyard/conformance'
import { describe, expect, test } from 'vitest'
import { EPMD } from '../suite/index.ts'

const { cases, clauses, specification } = EPMD
const text = readFileSync(new URL(`../../../${specification}`, import.meta.url), 'utf8').replaceAll(/[*`]/g, '')

describe('every clause', () => {
  test('of the specification is known to the suite, and no other', () => {
    expect(clauses.map(({ id }) => id)).toEqual(Array.from(text.matchAll(/^- (D\d\.\d) /gm), ([, id]) => id))
  })

  test.each(clauses)('$id is quoted word for word', ({ sentences }) => {
    for (const sentence of sentences) expect(text.replaceAll(/\s+/g, ' ')).toContain(sentence.replaceAll(/\s+/g, ' '))
  })

  test.each(clauses)('$id has a case', ({ id }) => {
    expect(cases.some(({ clause }) => clause === id)).toBe(true)
  })
})

describe('every case', () => {
  test('has a name of its own, and stands where its clause stands', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    const order = cases.map(({ clause }) => clauses.indexOf(clauseOf(EPMD, clause)))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})

describe('its own limits', () => {
  test('are complete, and checked', () => {
    expect(optionsOf(EPMD)).toEqual({ idleMs: 60_000, relaxed: 0 })
    expect(optionsOf(EPMD, { relaxed: 1 })).toEqual({ idleMs: 60_000, relaxed: 1 })
    expect(() => optionsOf(EPMD, { relaxed: 2 })).toThrow(/^relaxed is 2: it must be a whole number from 0 to 1$/)
    expect(() => optionsOf(EPMD, { strict: 1 })).toThrow(/^there is no option strict$/)
  })

  test('set by a case need a server that takes them', () => {
    expect(cases.filter(({ options, needs }) => options && !needs.includes('limits'))).toEqual([])
  })
})
