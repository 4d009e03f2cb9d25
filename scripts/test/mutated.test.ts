/** The pages on deletions speak of the files as they are, and explain every survivor. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { SUBJECTS } from '../../shared-tests/proofs/src/deletions/subjects.ts'
import type { Subject } from '../../shared-tests/proofs/src/deletions/subjects.ts'
import {
  fingerprint,
  idleExplanations,
  renderTable,
  unexplained,
} from '../../shared-tests/proofs/src/deletions/table.ts'
import type { Results } from '../../shared-tests/proofs/src/deletions/table.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

function resultsOf({ resultsFile }: Subject): Results {
  return JSON.parse(read(resultsFile))
}

describe.each(SUBJECTS)('$title', (subject) => {
  const results = resultsOf(subject)

  it('each file was mutated', () => {
    expect(Object.keys(results.patterns).toSorted()).toEqual(subject.files.map(({ name }) => name).toSorted())
  })

  it.each(subject.files)('$path is the file that was mutated; if it has changed since: npm run mutate', (file) => {
    expect(results.patterns[file.name]?.fingerprint).toBe(fingerprint(read(file.path)))
  })

  it('no survivor is without a reason', () => {
    expect(unexplained(results)).toEqual([])
  })

  it('the table is what the results say', () => {
    expect(read(subject.tableFile)).toBe(renderTable(subject, results))
  })
})

it('each reason is that of a survivor: an idle one would excuse the next that looks like it', () => {
  expect(idleExplanations(SUBJECTS.map(resultsOf))).toEqual([])
})
