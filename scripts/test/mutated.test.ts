/** docs/mutated.md speaks of the five files as they are, and explains every survivor. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import {
  fingerprint,
  renderTable,
  RESULTS_FILE,
  TABLE_FILE,
  unexplained,
} from '../../shared-tests/proofs/src/deletions/table.ts'
import type { Results } from '../../shared-tests/proofs/src/deletions/table.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const results: Results = JSON.parse(read(RESULTS_FILE))
const patterns = Object.entries(results.patterns)

it('all five were mutated', () => {
  expect(patterns.map(([name]) => name)).toEqual(['mutex', 'channels', 'channel-per-writer', 'race', 'reactor'])
})

it.each(patterns)('impls/%s is the file that was mutated; if it has changed since: npm run mutate', (name, mutated) => {
  expect(fingerprint(read(`impls/${name}/src/server.ts`))).toBe(mutated.fingerprint)
})

it('no survivor is without a reason', () => {
  expect(unexplained(results)).toEqual([])
})

it('the table is what the results say', () => {
  expect(read(TABLE_FILE)).toBe(renderTable(results))
})
