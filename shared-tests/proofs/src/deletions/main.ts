// Deletes each statement and each await of the five files, of the services, of the core or of the chat in turn, and writes what noticed into docs.
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask } from './ask.ts'
import { compileCopies } from './compile.ts'
import type { Answer } from './messages.ts'
import { sitesOf, withoutSite } from './sites.ts'
import { ownTests } from './own-tests.ts'
import { THE_CHAT, THE_CORE, THE_FIVE, THE_SERVICES } from './subjects.ts'
import type { MutatedFile, Subject } from './subjects.ts'
import { fingerprint, renderTable, unexplained } from './table.ts'
import type { Mutated, Results } from './table.ts'

/** Some of them only wait for what never comes. */
const AT_A_TIME = 4

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const work = fileURLToPath(new URL('../mutated/', import.meta.url))

const chosen = process.argv.slice(2)
const OTHERS: Readonly<Record<string, Subject>> = { services: THE_SERVICES, core: THE_CORE, chat: THE_CHAT }
const [first = ''] = chosen
const subject = OTHERS[first] ?? THE_FIVE
/** Of a file that is as it was, only what nobody noticed is tried again: checks have been added. */
const onlySurvivors = chosen.includes('survivors')
const names = chosen.filter((name, at) => name !== 'survivors' && (at > 0 || subject === THE_FIVE))
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

async function mutate({ name, path, entry, own }: MutatedFile): Promise<Mutated> {
  const source = readFileSync(join(root, path), 'utf8')
  const sites = sitesOf(path, source)
  const mutants = sites.map((site) => withoutSite(source, site))
  const copies = compileCopies(path, [...mutants, source], join(work, name), own !== undefined)
  const judge = async (copy: number): Promise<Answer> => {
    const module = `file://${join(copies[copy]!, `${entry}.js`)}`
    const replaces = own && `file://${join(root, own.built)}`
    const question = { module, seeds: subject.seeds, judge: subject.judge, ...(replaces && { replaces }) }
    const mutant = join(work, name, 'src', `${copy}`, basename(path))
    const tested = async (): Promise<Answer | undefined> => own && ownTests(own.tests, path, mutant)
    if (subject.by[0] === 'tests') return (await tested()) ?? (await ask(question))
    const answer = await ask(question)
    return (answer.by === 'nobody' ? await tested() : undefined) ?? answer
  }
  const whole = await judge(mutants.length)
  if (whole.by !== 'nobody') {
    throw new Error(`${name} is noticed with nothing deleted, so that no answer would mean anything: ${whole.message}`)
  }
  const before = results.patterns[name]
  const known = onlySurvivors && before?.fingerprint === fingerprint(source) ? before.sites : []
  const answers: Answer[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < sites.length; index = next++) {
      const answer = known[index]?.answer
      if (answer && answer.by !== 'nobody') {
        answers[index] = answer
        done++
        continue
      }
      answers[index] = await judge(index)
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
