// Runs every case of chat on every chat with a planted fault, and writes which case catches which fault into docs/.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Suite } from '@switchyard/conformance'
import { PATTERNS } from '@switchyard/impls'
import type * as chat from '@switchyard/protocols/chat'
import { CHAT, FAULTS } from '@switchyard/protocols/chat/suite'
import { compileCopies } from '../deletions/compile.ts'
import { failuresOf, PLANTED_RESULTS_FILE, PLANTED_TABLE_FILE, plantedProblems, renderPlanted } from './planted.ts'
import type { PlantedResults, PlantedRow } from './planted.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted-for-matrix/', import.meta.url))
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

const [failed] = await failuresOf(CHAT, reactor)
if (failed !== undefined) throw new Error(`${failed} fails with nothing planted, so that no answer would mean anything`)
const rows: PlantedRow[] = []
for (const { id, says, file, case: named, find, replace } of FAULTS) {
  const path = `protocols/chat/src/${file}`
  const text = readFileSync(join(root, path), 'utf8').replace(find, () => replace)
  const [copy = ''] = compileCopies(path, [text], join(work, id))
  const { Chat, DEFAULT_OPTIONS }: typeof chat = await import(join(copy, 'index.js'))
  const suite: Suite = {
    ...CHAT,
    create: ({ options }) => new Chat({ ...DEFAULT_OPTIONS, ...options, seed: 1 }),
  }
  rows.push({ id, says, file, case: named, caughtBy: await failuresOf(suite, reactor) })
  process.stderr.write(`${rows.length} of ${FAULTS.length}: ${id}\n`)
}
const clauses = [...new Set(CHAT.cases.map(({ clause }) => clause))].toSorted()
const results: PlantedResults = { clauses, faults: rows }
writeFileSync(join(root, PLANTED_RESULTS_FILE), `${JSON.stringify(results, null, 1)}\n`)
writeFileSync(join(root, PLANTED_TABLE_FILE), renderPlanted(results))
const problems = plantedProblems(results)
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
