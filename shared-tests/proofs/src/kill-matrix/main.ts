// Lets every check look at every server that is wrong on purpose, and writes who catches whom into docs/.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CASES } from '@switchyard/protocols/router/suite'
import { judge } from './judge.ts'
import { catches, problemsOf } from './matrix.ts'
import type { JudgedRow } from './matrix.ts'
import { renderTable, RESULTS_FILE, resultsOf, TABLE_FILE } from './render.ts'
import { subjects } from './subjects.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const all = subjects()
const rows: JudgedRow[] = []
for (const subject of all) {
  rows.push(await judge(subject, 'all'))
  process.stderr.write(`${rows.length} of ${all.length}: ${subject.row.name}\n`)
}

const results = resultsOf(rows)
writeFileSync(join(root, RESULTS_FILE), `${JSON.stringify(results, null, 1)}\n`)
writeFileSync(join(root, TABLE_FILE), renderTable(results))

const idle = CASES.filter((each) => catches(each, rows) === 0)
const problems = [...problemsOf(rows), ...idle.map(({ id }) => `${id} catches no fault of its clause`)]
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length > 0 ? 1 : 0
