// Crashes services at random, live and simulated, and accounts for every message. `npm run crashes --workspace @switchyard/services`
import { parseArgs } from 'node:util'
import * as services from '../src/index.ts'
import { crashLive, crashSimulated } from '../suite/index.ts'
import type { CrashAccount } from '../suite/index.ts'

const { values } = parseArgs({
  options: { crashes: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const crashes = Number(values.crashes)
const seed = Number(values.seed)
/** From a crash to its replacement, for 99 of 100. */
const REPLACEMENT_MS_MAX = 5

const live = await crashLive(services, crashes, seed)
print('live', live)
const [p50, p99, most] = [0.5, 0.99, 1].map((share) => at(live.replacementMs, share))
print(`crash to replacement: p50 ${ms(p50)}, p99 ${ms(p99)}, at most ${ms(most)}`)
const simulated = await crashSimulated(services, crashes, seed)
print('simulated', simulated)

const wrong = [live, simulated].some((account) => account.violation ?? account.sent !== ended(account))
process.exitCode = wrong || (p99 ?? Infinity) >= REPLACEMENT_MS_MAX ? 1 : 0

function print(how: string, account?: CrashAccount): void {
  if (!account) return void process.stdout.write(`${how}\n`)
  const { sent, done, lost, cameBack, violation } = account
  const rest = sent - ended(account)
  process.stdout.write(
    `${how}: ${account.crashes} crashes; ${sent} sent = ${done} done + ${lost} reported lost + ${cameBack} came back + ${rest} unknown\n`,
  )
  if (violation) process.stdout.write(`${violation.clause}: ${violation.message}\n`)
}

function ended({ done, lost, cameBack }: CrashAccount): number {
  return done + lost + cameBack
}

function at(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function ms(value: number | undefined): string {
  return value === undefined ? 'none' : `${value.toFixed(2)} ms`
}
