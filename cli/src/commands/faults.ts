import { routedFaults, scriptedFaults } from '@switchyard/stress/faults'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { EXIT, Undecided } from '../exit.ts'
import { runSeeds } from '../faults/run.ts'
import type { Faulted, Faults } from '../faults/run.ts'
import { heading, legend, renderFailures, rowOf } from '../faults/table.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { seedOption, seedsOption, serversArgument } from '../options.ts'
import { known, withoutFault } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { protocolOption, simulatedOf } from '../protocols.ts'

const DEFAULT_SEEDS = 50

const EXAMPLES = `
Examples:
  switchyard faults                            the five, ${DEFAULT_SEEDS} seeds each
  switchyard faults reactor --seeds 200
  switchyard faults mutex --seed 17 --seeds 1  one seed again: the same clients, messages, faults and times
  switchyard faults --seed 17 --plan           only says what seed 17 is
  switchyard faults race --protocol chat       another protocol: its clients say what they say in simulation

A proxy stands between a server and some of its clients: slices, latency, bandwidth, stalls, hangs, resets in the middle of
a message, half-closes, slow closes. Whom nothing happens to must notice nothing; after healing what is owed must arrive;
the ledger must balance. A seed fixes all that is chosen; when a kernel or this process gets to run is not in its hands.

Exit codes: ${EXIT.passed} all held, ${EXIT.failed} not so, ${EXIT.undecided} interrupted, ${EXIT.misuse} misuse.`

interface FaultsFlags {
  readonly seeds: number
  readonly seed: number
  readonly protocol: string
  readonly plan?: true
  readonly json?: true
}

export function faultsCommand(): Command {
  return new Command('faults')
    .description('Runs servers behind a proxy that breaks connections by a seed, and does the accounts')
    .addArgument(serversArgument('[name...]', 'patterns, variants or mutants; default: the five'))
    .addOption(protocolOption())
    .addOption(seedsOption().default(DEFAULT_SEEDS))
    .addOption(seedOption().default(1))
    .option('--plan', 'print the plan of --seed, and run nothing')
    .option('--json', 'the results as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(names: readonly string[], flags: FaultsFlags): Promise<void> {
  const faults = await faultsOf(flags.protocol)
  const ofRouter = faults.protocol === 'router'
  const chosen = names.map((name) => (ofRouter ? known(name) : withoutFault(name, faults.protocol)))
  const subjects = chosen.length > 0 ? chosen : PATTERNS
  if (flags.plan) return printPlan(faults, flags)
  const progress = new Progress()
  const colours = coloursFor(process.stdout)
  const rows: Faulted[] = []
  if (!flags.json) process.stdout.write(`${heading(colours)}\n`)
  for (const subject of subjects) {
    const seeds = { from: flags.seed, count: flags.seeds }
    const row = await runSeeds(subject, faults, seeds, (text) => progress.show(text))
    progress.clear()
    rows.push(row)
    if (!flags.json) process.stdout.write(`${rowOf(row, colours)}\n`)
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
  else process.stdout.write(`${legend(rows)}${rows.map((row) => renderFailures(row, colours)).join('')}`)
  process.exitCode = rows.every(({ failures }) => failures.length === 0) ? EXIT.passed : EXIT.failed
}

/** Throws Undecided for a protocol whose servers are several in simulation: the proxy stands before one. */
async function faultsOf(given: string): Promise<Faults> {
  const simulated = await simulatedOf(given)
  const { protocol } = simulated.speech
  if (protocol === 'router') return { protocol, planOf: routedFaults }
  if (simulated.servedBy) {
    throw new Undecided(
      `In simulation the servers of ${protocol} are several, joined: what is said there is nothing for one alone.`,
    )
  }
  return { protocol, planOf: (seed) => scriptedFaults(simulated, seed) }
}

function printPlan({ planOf }: Faults, { seed, json }: FaultsFlags): void {
  const { text, plan } = planOf(seed)
  process.stdout.write(`${json ? JSON.stringify(plan, null, 2) : text}\n`)
}
