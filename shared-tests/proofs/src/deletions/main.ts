// Deletes each statement and each await of the five files, or of the services, in turn, and writes what noticed into docs.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './ask.ts'
import { compileCopies } from './compile.ts'
import type { Answer } from './messages.ts'
import { sitesOf, withoutSite } from './sites.ts'
import { THE_FIVE, THE_SERVICES } from './subjects.ts'
import type { MutatedFile, Subject } from './subjects.ts'
import { fingerprint, renderTable, unexplained } from './table.ts'
import type { Mutated, Results } from './table.ts'

const AT_A_TIME = 2

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const work = fileURLToPath(new URL('../mutated/', import.meta.url))

const chosen = process.argv.slice(2)
const subject = chosen.includes('services') ? THE_SERVICES : THE_FIVE
const names = chosen.filter((name) => name !== 'services')
const results: Results = { seeds: subject.seeds, patterns: { ...readResults(subject)?.patterns } }
for (const file of subject.files) {
  if (names.length > 0 && !names.includes(file.name)) continue
  results.patterns[file.name] = await mutate(file)
  writeFileSync(join(root, subject.resultsFile), `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(join(root, subject.tableFile), renderTable(subject, results))
}

const open = unexplained(results)
for (const survivor of open) process.stderr.write(`survives without a reason: ${survivor}\n`)
process.exitCode = open.length > 0 ? 1 : 0

async function mutate({ name, path, entry }: MutatedFile): Promise<Mutated> {
  const source = readFileSync(join(root, path), 'utf8')
  const sites = sitesOf(path, source)
  const copies = compileCopies(
    path,
    sites.map((site) => withoutSite(source, site)),
    join(work, name),
  )
  const answers: Answer[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < sites.length; index = next++) {
      const module = `file://${join(copies[index]!, `${entry}.js`)}`
      answers[index] = await ask({ module, seeds: subject.seeds, judge: subject.judge })
      done++
      process.stderr.write(
        `${name}: ${done} of ${sites.length}, ${answers.filter(({ by }) => by === 'nobody').length} survive\n`,
      )
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return {
    fingerprint: fingerprint(source),
    sites: sites.map(({ kind, line, text, within }, index) => ({ kind, line, text, within, answer: answers[index]! })),
  }
}

function readResults({ resultsFile }: Subject): Results | undefined {
  try {
    const read: Results = JSON.parse(readFileSync(join(root, resultsFile), 'utf8'))
    return read
  } catch {
    return undefined // The first run.
  }
}
