/** Of every suite: it knows its specification, every clause has a case, and a case's id is a key in reports, causes and the kill matrix. */
import { readFileSync } from 'node:fs'
import { clauseOf } from '@switchyard/conformance'
import { describe, expect, it } from 'vitest'
import { BELL } from '../bell/suite/index.ts'
import { allSuites } from '../index.ts'

const PROTOCOLS = await allSuites()

describe.each([...PROTOCOLS, BELL].map((suite) => [suite.name, suite] as const))('%s', (_, suite) => {
  const { cases, clauses } = suite

  it('has an id for each case, and no two have the same', () => {
    expect(cases.length).toBeGreaterThan(0)
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length)
  })

  it.each(cases.map((each) => [each.id, each] as const))(
    '%s is its clause, and a few words in kebab-case',
    (id, { clause }) => {
      expect(id).toMatch(/^[A-Z]\d+\.\d+(-[a-z0-9]+)+$/)
      expect(id.startsWith(`${clause}-`)).toBe(true)
      expect(clauses.map((each) => each.id)).toContain(clause)
    },
  )

  it('has a name for each case, which stands where its clause stands', () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    const order = cases.map(({ clause }) => clauses.indexOf(clauseOf(suite, clause)))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  it.each(clauses.filter(({ binds }) => binds === 'server'))('has a case for $id', ({ id }) => {
    expect(cases.some(({ clause }) => clause === id)).toBe(true)
  })

  it('sets options only by cases whose server takes them', () => {
    expect(cases.filter(({ options, needs }) => options && !needs.includes('limits'))).toEqual([])
  })
})

// The bell's specification is its docstring.
describe.each(PROTOCOLS.map((suite) => [suite.name, suite] as const))('%s', (_, { clauses, specification }) => {
  const text = readFileSync(new URL(`../../${specification}`, import.meta.url), 'utf8').replaceAll(/[*`]/g, '')

  it('knows every clause of its specification, and no other', () => {
    const ids = Array.from(text.matchAll(/^- ([A-Z]\d\.\d) /gm), ([, id]) => id)
    expect(clauses.map(({ id }) => id)).toEqual(ids.filter((id) => !id?.startsWith('G')))
  })

  it.each(clauses)('quotes $id word for word', ({ sentences }) => {
    for (const sentence of sentences) expect(onOneLine(text)).toContain(onOneLine(sentence))
  })
})

function onOneLine(text: string): string {
  return text.replaceAll(/[*`]/g, '').replaceAll(/\s+/g, ' ')
}
