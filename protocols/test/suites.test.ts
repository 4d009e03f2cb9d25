/** Of every suite: a case's id is a key, in reports, causes, expectations and the kill matrix. */
import { describe, expect, it } from 'vitest'
import { BELL } from '../bell/suite/index.ts'
import { PROTOCOLS } from '../index.ts'

describe.each([...PROTOCOLS, BELL].map((suite) => [suite.name, suite] as const))('%s', (_, { cases, clauses }) => {
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
})
