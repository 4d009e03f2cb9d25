import { readFileSync } from 'node:fs'
import { clauseOf } from '@switchyard/conformance'
import { describe, expect, test } from 'vitest'
import { MUX } from '../suite/index.ts'

const { cases, clauses, specification } = MUX
const text = readFileSync(new URL(`../../../${specification}`, import.meta.url), 'utf8').replaceAll(/[*`]/g, '')

describe('every clause', () => {
  test('of the specification is known to the suite, and no other', () => {
    expect(clauses.map(({ id }) => id)).toEqual(Array.from(text.matchAll(/^- (M\d\.\d) /gm), ([, id]) => id))
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
    const order = cases.map(({ clause }) => clauses.indexOf(clauseOf(MUX, clause)))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })
})
