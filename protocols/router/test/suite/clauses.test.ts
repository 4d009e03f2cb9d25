import { describe, expect, test } from 'vitest'
import { casesOf } from '@switchyard/conformance'
import { CASES, CLAUSES } from '@switchyard/protocols/router/suite'

const BASIC = /^R(1\.\d|2\.1|3\.[1-6])$/

describe('every clause', () => {
  test.each(CLAUSES)('$id has a case if it binds a server, and none if it binds clients', ({ id, binds }) => {
    expect(CASES.some(({ clause }) => clause === id)).toBe(binds === 'server')
  })
})

describe('every case', () => {
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
