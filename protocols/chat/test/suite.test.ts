import { readFileSync } from 'node:fs'
import { clauseOf } from '@switchyard/conformance'
import { expect, test } from 'vitest'
import { CHAT } from '../suite/index.ts'

const { cases, clauses, specification } = CHAT
const plain = (text: string): string => text.replaceAll(/[*`]/g, '').replaceAll(/\s+/g, ' ')
const text = plain(readFileSync(new URL(`../../../${specification}`, import.meta.url), 'utf8'))

test.each(clauses)('$id is quoted word for word, and has a case', ({ id, sentences }) => {
  for (const sentence of sentences) expect(text).toContain(`${id} ${plain(sentence)}`)
  expect(cases.some(({ clause }) => clause === id)).toBe(true)
})

test('every case has a name of its own, and stands where its clause stands', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  const order = cases.map(({ clause }) => clauses.indexOf(clauseOf(CHAT, clause)))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
})
