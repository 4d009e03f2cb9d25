/** Each variant is a file of its own, whose header says what it pays, what it fails and what it teaches. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GUARANTEES } from '@switchyard/core'
import { describe, expect, it } from 'vitest'
import { VARIANTS } from '../src/index.ts'

const folder = fileURLToPath(new URL('../src/', import.meta.url))

it('every file is a variant, and every variant a file', () => {
  const files = readdirSync(folder).filter((file) => file !== 'index.ts')
  expect(VARIANTS.map(({ name }) => `${name}.ts`).toSorted()).toEqual(files.toSorted())
})

describe('headers', () => {
  it.each(VARIANTS.map((pattern) => [pattern.name, pattern] as const))('%s', (name, { guarantees, fails }) => {
    const text = readFileSync(`${folder}${name}.ts`, 'utf8')
    const header = text.slice(0, text.indexOf('*/'))
    const parts = new Map(
      Array.from(header.matchAll(/^ \* (\w+) {2,}((?:.|\n \* {2,})+)/gm), ([, key, part]) => [key, part]),
    )
    expect([...parts.keys()]).toEqual(['Idea', 'Order', 'Price', ...(fails ? ['Fails'] : []), 'Lesson'])
    expect(new Set(parts.get('Price')?.match(/\bG\d+\b/g))).toEqual(
      new Set(GUARANTEES.filter((id) => guarantees[id] === false)),
    )
    for (const clause of parts.get('Fails')?.match(/\bR\d\.\d\b/g) ?? []) expect(fails).toContain(clause)
  })
})
