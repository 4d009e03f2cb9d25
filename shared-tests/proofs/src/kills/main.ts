// An exchange that is killed again and again, each time with the next of the five on what the last one left: `npm run kills -- 1000`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Random } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { killOnce } from './kill.ts'
import type { Told } from './kill.ts'

const KILLS = 100
/** Kills on one journal: its replay takes longer each time. */
const KILLS_A_JOURNAL = 20

const [kills = KILLS, seed = 1] = process.argv.slice(2).map(Number)
if (![kills, seed].every((value) => Number.isSafeInteger(value) && value > 0)) {
  process.stderr.write('npm run kills -- [KILLS] [SEED]: whole numbers from 1\n')
  process.exit(3)
}
const random = new Random(seed)
let [told, torn, failures, folder] = [0, 0, 0, '']
let accounts: Told = new Map()
for (let kill = 0; kill < kills; kill++) {
  if (kill % KILLS_A_JOURNAL === 0) {
    if (folder !== '') rmSync(folder, { recursive: true })
    folder = mkdtempSync(join(tmpdir(), 'switchyard-kills-'))
    accounts = new Map()
  }
  const { name } = PATTERNS[kill % PATTERNS.length] ?? { name: 'reactor' }
  const before = [...accounts.values()].reduce((sum, { length }) => sum + length, 0)
  const killed = await killOnce(name, folder, accounts, random)
  told += killed.told - before
  torn += killed.torn ? 1 : 0
  failures += killed.problems.length > 0 ? 1 : 0
  for (const problem of killed.problems) process.stdout.write(`kill ${kill + 1}, ${name}: ${problem}\n`)
  if (process.stderr.isTTY) process.stderr.write(`\r${kill + 1} of ${kills}`)
}
rmSync(folder, { recursive: true })
process.stdout.write(
  `${kills} kills over ${PATTERNS.length} patterns, ${torn} with a torn tail; ${told} messages read by clients: ` +
    `${failures === 0 ? 'none lost, none different, none missing' : `${failures} kills that lost something`}\n`,
)
process.exitCode = failures === 0 ? 0 : 1
