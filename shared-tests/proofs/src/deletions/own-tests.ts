import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from './messages.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const config = fileURLToPath(new URL('../../mutant.vitest.config.ts', import.meta.url))
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
/** Fifty times what the tests of `core` take: the machine may have other things to do. */
const ENDLESS_MS = 300_000

export interface OwnTests {
  /** The folder of the package, from the root. */
  readonly package: string
  /** How the files that are run begin; those that notice most first. */
  readonly files: readonly string[]
}

/** Whether the tests of its own package notice that the file at `path` reads as the one at `mutant`; undefined if they do not. */
export async function ownTests(tests: OwnTests, path: string, mutant: string): Promise<Answer | undefined> {
  const output = `${mutant}.json`
  const child = spawn(
    process.execPath,
    [
      vitest,
      'run',
      `--config=${config}`,
      `--root=${join(root, tests.package)}`,
      '--reporter=json',
      `--outputFile=${output}`,
      ...tests.files,
    ],
    { stdio: 'ignore', detached: true, env: { ...process.env, MUTANT_OF: join(root, path), MUTANT: mutant } },
  )
  let spins = false
  const endless = setTimeout(() => {
    spins = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, ENDLESS_MS)
  const [code]: unknown[] = await once(child, 'exit')
  clearTimeout(endless)
  if (spins) return { by: 'tests', clause: '', message: 'they do not end' }
  if (code === 0) return undefined
  const failed = await firstFailed(output)
  await rm(output, { force: true })
  return { by: 'tests', clause: '', message: failed }
}

async function firstFailed(output: string): Promise<string> {
  try {
    const report: Report = JSON.parse(await readFile(output, 'utf8'))
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
    return tests.find(({ status }) => status === 'failed')?.fullName ?? 'an error outside of the tests'
  } catch {
    return 'they end without a word'
  }
}

/** What is read of a result file of vitest. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}
