/** Each mutant is a file of its own, and its header says what the simulator is to find. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { SCHEDULING_MUTANTS } from '../src/index.ts'

const folder = fileURLToPath(new URL('../src/', import.meta.url))
const others = new Set(['index.ts', 'mutant.ts'])

it('every file is a mutant, and every mutant a file', () => {
  const files = readdirSync(folder).filter((file) => !others.has(file))
  const names = SCHEDULING_MUTANTS.map(({ pattern }) => `${pattern.name}.ts`)
  expect(names.toSorted((a, b) => a.localeCompare(b))).toEqual(files.toSorted((a, b) => a.localeCompare(b)))
})

describe('headers', () => {
  it.each(SCHEDULING_MUTANTS.map((mutant) => [mutant.pattern.name, mutant] as const))('%s', (name, { seenBy }) => {
    const text = readFileSync(`${folder}${name}.ts`, 'utf8')
    const header = text.slice(0, text.indexOf('*/'))
    expect(header.match(/^ \* (Idea|Flaw|Seen by) {2,}\S/gm)).toHaveLength(3)
    expect(/^ \* Seen by {3}(\S+):/m.exec(header)?.[1]).toBe(seenBy)
  })
})
