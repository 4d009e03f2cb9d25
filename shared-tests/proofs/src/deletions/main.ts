// Deletes each statement and each await of the five files in turn, and writes what noticed into docs/mutated.json.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATTERNS } from '@switchyard/impls'
import { ask } from './ask.ts'
import type { Answer } from './messages.ts'
import { fingerprint, renderTable, RESULTS_FILE, TABLE_FILE, unexplained } from './table.ts'
import type { Mutated, Results } from './table.ts'
import { sitesOf, withoutSite } from './sites.ts'

const SEEDS = 2_500
const AT_A_TIME = 2

const root = fileURLToPath(new URL('../../../../', import.meta.url))
/** In the repository, so that what the files import is found. */
const work = fileURLToPath(new URL('../mutated/', import.meta.url))

const chosen = process.argv.slice(2)
const before = readResults()
const results: Results = { seeds: SEEDS, patterns: { ...before?.patterns } }
for (const { name } of PATTERNS) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  results.patterns[name] = await mutate(name)
  writeFileSync(join(root, RESULTS_FILE), `${JSON.stringify(results, null, 1)}\n`)
  writeFileSync(join(root, TABLE_FILE), renderTable(results))
}

const open = unexplained(results)
for (const survivor of open) process.stderr.write(`survives without a reason: ${survivor}\n`)
process.exitCode = open.length > 0 ? 1 : 0

async function mutate(name: string): Promise<Mutated> {
  const file = `impls/${name}/src/server.ts`
  const source = readFileSync(join(root, file), 'utf8')
  const sites = sitesOf(file, source)
  const built = build(
    name,
    sites.map((site) => withoutSite(source, site)),
  )
  const answers: Answer[] = []
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < sites.length; index = next++) {
      const module = `file://${join(built, `${index}.js`)}`
      answers[index] = await ask({ module, seeds: SEEDS })
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

/** All mutants of one file in one run of the compiler, which checks no types: a mutant need only run. */
function build(name: string, mutants: readonly string[]): string {
  const from = join(work, name)
  rmSync(from, { recursive: true, force: true })
  mkdirSync(join(from, 'src'), { recursive: true })
  for (const [index, text] of mutants.entries()) writeFileSync(join(from, 'src', `${index}.ts`), text)
  const options = {
    extends: join(root, 'tsconfig.base.json'),
    include: ['src'],
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      isolatedDeclarations: false,
      noCheck: true,
      rootDir: 'src',
      outDir: 'built',
      tsBuildInfoFile: null,
    },
  }
  writeFileSync(join(from, 'tsconfig.json'), JSON.stringify(options))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', from], { stdio: ['ignore', 'inherit', 'inherit'] })
  return join(from, 'built')
}

function readResults(): Results | undefined {
  try {
    const read: Results = JSON.parse(readFileSync(join(root, RESULTS_FILE), 'utf8'))
    return read
  } catch {
    return undefined // The first run.
  }
}
