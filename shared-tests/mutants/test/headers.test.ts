/** Each mutant is a file of its own, and its header says what is to find it. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { CONNECTION_MUTANTS, MUTANTS, ROUTER_MUTANTS, SCHEDULING_MUTANTS } from '../src/index.ts'

const FOLDERS = [
  ['', SCHEDULING_MUTANTS],
  ['router/', ROUTER_MUTANTS],
  ['connections/', CONNECTION_MUTANTS],
] as const
const SHARED = new Set(['index.ts', 'mutant.ts', 'changed.ts', 'sound.ts'])

describe.each(FOLDERS)('src/%s', (folder, mutants) => {
  it('every file is a mutant, and every mutant a file', () => {
    const files = readdirSync(path(folder)).filter((file) => file.endsWith('.ts') && !SHARED.has(file))
    const names = mutants.map(({ pattern }) => `${pattern.name}.ts`)
    expect(names.toSorted()).toEqual(files.toSorted())
  })

  it.each(mutants.map((mutant) => [mutant.pattern.name, mutant] as const))('%s has the header', (name, mutant) => {
    const text = readFileSync(path(`${folder}${name}.ts`), 'utf8')
    const header = text.slice(0, text.indexOf('*/')).replaceAll(/\n \* {3,}/g, ' ')
    expect(header.match(/^ \* (Idea|Flaw|Seen by) {2,}\S/gm)).toHaveLength(3)
    const [, by] = /^ \* Seen by {3}(\S+): .+\.$/m.exec(header) ?? []
    expect(by).toBe(mutant.case ?? mutant.seenBy)
  })
})

it('no two have one name', () => {
  expect(new Set(MUTANTS.map(({ pattern }) => pattern.name)).size).toBe(MUTANTS.length)
})

function path(relative: string): string {
  return fileURLToPath(new URL(`../src/${relative}`, import.meta.url))
}
