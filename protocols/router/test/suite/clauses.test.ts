import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { casesOf, clauseOf } from '@switchyard/conformance'
import { CASES, CLAUSES, ROUTER } from '@switchyard/protocols/router/suite'

const specification = plain(readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8'))
/** Section 6 holds guarantees, which patterns declare; these are not clauses. */
const BASIC = /^R(1\.\d|2\.1|3\.[1-6])$/

describe('every clause', () => {
  test('of the specification is known to the suite, and no other', () => {
    const inText = [...specification.matchAll(/^- (R\d\.\d) /gm)].map(([, id]) => id)
    expect(CLAUSES.map(({ id }) => id)).toEqual(inText)
  })

  test.each(CLAUSES)('$id is quoted word for word', ({ sentences }) => {
    expect(sentences.length).toBeGreaterThan(0)
    for (const sentence of sentences) expect(specification.replaceAll(/\s+/g, ' ')).toContain(sentence)
  })

  test.each(CLAUSES)('$id has a case if it binds a server, and none if it binds clients', ({ id, binds }) => {
    expect(CASES.some(({ clause }) => clause === id)).toBe(binds === 'server')
  })
})

describe('every case', () => {
  test.each(CASES)('$clause $name: is of a clause that exists', ({ clause }) => {
    expect(() => clauseOf(ROUTER, clause)).not.toThrow()
  })

  test('has a name of its own', () => {
    expect(new Set(CASES.map(({ name }) => name)).size).toBe(CASES.length)
  })

  test('stands where its clause stands', () => {
    const order = CASES.map(({ clause }) => CLAUSES.findIndex(({ id }) => id === clause))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  test('of the basic profile needs connections only, and is of a clause that the profile names', () => {
    const basic = casesOf(CASES, 'basic')
    expect(basic.filter(({ needs }) => needs.join() !== 'wire')).toEqual([])
    expect(basic.filter(({ clause }) => !BASIC.test(clause))).toEqual([])
    expect(basic.filter(({ limits }) => limits !== undefined)).toEqual([])
    const clauses = new Set(basic.map(({ clause }) => clause))
    expect(CLAUSES.filter(({ id, binds }) => binds === 'server' && BASIC.test(id) && !clauses.has(id))).toEqual([])
  })

  test('that sets limits says that it needs them', () => {
    expect(CASES.filter(({ limits, needs }) => limits !== undefined && !needs.includes('limits'))).toEqual([])
  })
})

/** The text without its markup. */
function plain(markdown: string): string {
  return markdown.replaceAll(/[*`]/g, '')
}
