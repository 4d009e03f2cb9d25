// How fast the book matches, and whether it matches rightly. `npm run matching -- FILE...` reads workload files of the public
// matching-engine benchmark; `npm run matching -- --random 1000000` compares with a naive book.
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { liveClock, Random } from '@switchyard/core'
import { Book, BOOK_LIMITS } from '../src/index.ts'
import type { BookLimits } from '../src/index.ts'
import { compareRandomOperations } from './random-operations.ts'
import { decodeWorkload, MESSAGE_WORDS, Reports } from './workload.ts'

/** The deepest of the five workloads has 41,800 open orders; a table of ids much larger than that costs cache misses. */
const LIMITS: BookLimits = { ...BOOK_LIMITS, ordersMax: 65_536 }

const { values, positionals } = parseArgs({
  options: {
    random: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})
const [operations, rounds, seed] = [values.random ?? '0', values.rounds, values.seed].map(wholeNumber)
if (!rounds || seed === undefined || (!operations && positionals.length === 0)) {
  process.stderr.write('usage: npm run matching -- [--rounds N] FILE... | --random OPERATIONS [--seed N]\n')
  process.exit(2)
}

process.stdout.write(`${cpus()[0]?.model}, Node ${process.version}\n`)
if (operations) {
  const matches = compareRandomOperations(new Random(seed), operations)
  process.stdout.write(
    `${operations} random operations (seed ${seed}), ${matches} matches: equal to the naive book, and to their mirror image\n`,
  )
}
for (const file of positionals) {
  const workload = read(file)
  const messages = workload.length / MESSAGE_WORDS
  const rates: number[] = []
  const cpuRates: number[] = []
  let sha256 = ''
  for (let round = 0; round < rounds; round++) {
    const reports = new Reports(messages)
    const book = new Book(reports, LIMITS)
    const start = liveClock.now()
    const cpu = process.cpuUsage()
    reports.run(book, workload)
    const { user, system } = process.cpuUsage(cpu)
    rates.push(messages / (liveClock.now() - start) / 1000)
    cpuRates.push(messages / (user + system))
    if (round === 0) sha256 = reports.sha256()
  }
  process.stdout.write(
    `${file}: ${spread(rates)} M messages/s; ${spread(cpuRates)} in a second of CPU time\n  ${sha256}\n`,
  )
}

function read(file: string): Int32Array {
  try {
    return decodeWorkload(readFileSync(file))
  } catch (error) {
    process.stderr.write(`${file}: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  }
}

/** The median, and the ends. */
function spread(rates: readonly number[]): string {
  const sorted = rates.toSorted((one, other) => one - other)
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)]
  return `${(sorted[sorted.length >> 1] ?? 0).toFixed(1)} (${least.toFixed(1)} to ${most.toFixed(1)})`
}

function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
