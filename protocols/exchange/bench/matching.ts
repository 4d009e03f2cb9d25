// How fast the book matches, and whether it matches rightly. `npm run matching -- FILE...` reads workload files of the public
// matching-engine benchmark; `npm run matching -- --random 1000000` compares with a naive book.
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { liveClock, Random } from '@switchyard/core'
import { OrderBook, Side } from 'nodejs-order-book'
import { Book, BOOK_LIMITS, BUY } from '../src/index.ts'
import type { BookLimits } from '../src/index.ts'
import { compareRandomOperations } from './random-operations.ts'
import { CANCEL, decodeWorkload, MESSAGE_WORDS, NEW, Reports } from './workload.ts'

/** The deepest of the five workloads has 41,800 open orders; a table of ids much larger than that costs cache misses. */
const LIMITS: BookLimits = { ...BOOK_LIMITS, ordersMax: 65_536 }

const { values, positionals } = parseArgs({
  options: {
    random: { type: 'string' },
    peer: { type: 'string', default: '0' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
  allowPositionals: true,
})
const [operations, rounds, seed, peerMessages] = [values.random ?? '0', values.rounds, values.seed, values.peer].map(
  wholeNumber,
)
if (!rounds || seed === undefined || peerMessages === undefined || (!operations && positionals.length === 0)) {
  process.stderr.write(
    'usage: npm run matching -- [--rounds N] [--peer MESSAGES] FILE... | --random OPERATIONS [--seed N]\n',
  )
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
  // One round's memory serves the next: only the first pays for being the first to touch it.
  const reports = new Reports(messages)
  for (let round = 0; round < rounds; round++) {
    const book = new Book(reports, LIMITS)
    const start = liveClock.now()
    const cpu = process.cpuUsage()
    reports.run(book, workload)
    const { user, system } = process.cpuUsage(cpu)
    rates.push(messages / (liveClock.now() - start) / 1000)
    cpuRates.push(messages / (user + system))
  }
  process.stdout.write(
    `${file}: ${spread(rates)} M messages/s; ${spread(cpuRates)} in a second of CPU time\n  ${reports.sha256()}\n`,
  )
  if (!peerMessages) continue
  const peer = peerRate(workload.subarray(0, peerMessages * MESSAGE_WORDS))
  process.stdout.write(
    `  nodejs-order-book: ${peer.toFixed(3)} in a second of CPU time, the book ${(median(cpuRates) / peer).toFixed(0)} times that\n`,
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
  return `${median(rates).toFixed(1)} (${least.toFixed(1)} to ${most.toFixed(1)})`
}

function median(rates: readonly number[]): number {
  return rates.toSorted((one, other) => one - other)[rates.length >> 1] ?? 0
}

/** M messages in a second of CPU time that nodejs-order-book does, with the ids as text, as it wants them. It reports to nobody. */
function peerRate(workload: Int32Array): number {
  const book = new OrderBook()
  const cpu = process.cpuUsage()
  for (let start = 0; start < workload.length; start += MESSAGE_WORDS) {
    const [kind, side, now, size = 0, order, price = 0] = workload.subarray(start, start + MESSAGE_WORDS)
    const id = String(order)
    // A replacement is a cancel and a new order. Its `TimeInForce` is not exported, so what may not rest is cancelled.
    if (kind !== NEW && !book.cancel(id)) continue
    if (kind === CANCEL) continue
    book.limit({ side: side === BUY ? Side.BUY : Side.SELL, id, size, price })
    if (kind === NEW && now) book.cancel(id)
  }
  const { user, system } = process.cpuUsage(cpu)
  return workload.length / MESSAGE_WORDS / (user + system)
}

function wholeNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined
}
