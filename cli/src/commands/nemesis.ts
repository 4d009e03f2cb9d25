import { spawnSync } from 'node:child_process'
import { Random } from '@switchyard/core'
import { Command, Option } from 'commander'
import { EXIT, Misuse, Undecided } from '../exit.ts'
import { interruptible } from '../interruption.ts'
import { Cluster } from '../nemesis/cluster.ts'
import { planOf, TROUBLES } from '../nemesis/plan.ts'
import type { Step, Trouble } from '../nemesis/plan.ts'
import { runSeed } from '../nemesis/run.ts'
import type { RunResult } from '../nemesis/run.ts'
import { stall } from '../nemesis/stalled.ts'
import type { Stalled } from '../nemesis/stalled.ts'
import { seedOption, seedsOption, serversArgument, wholeNumberOption } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'

const DEFAULT_SEEDS = 10

const EXAMPLES = `
Examples:
  switchyard nemesis                                  the five on three nodes, ${DEFAULT_SEEDS} seeds each
  switchyard nemesis reactor --seeds 100 --brokers 3
  switchyard nemesis mutex --seed 17 --seeds 1        one seed again: the same troubles, at the same times
  switchyard nemesis --only kill-broker --brokers 3   how long is nothing heard when a broker of three dies?
  switchyard nemesis --stalled                        what a client that reads nothing costs the others, on every node
  switchyard explore reactor --protocol nodes         the same troubles in simulation, in any order of events
  switchyard nemesis --seed 17 --plan                 only says what seed 17 is

Nodes and brokers are processes. They are killed, frozen, parted, told to leave, and what they publish is dropped, doubled and
delayed, while every node sends to every other. In the end the books of each pair must close: what was sent arrived, or is
reported. It needs nats-server. A seed fixes the plan; when the kernel lets whom run is not in its hands.

Exit codes: ${EXIT.passed} all books closed; ${EXIT.failed} not so, ${EXIT.undecided} interrupted, or no nats-server, ${EXIT.misuse} misuse.`

interface NemesisFlags {
  readonly seeds: number
  readonly seed: number
  readonly nodes: number
  readonly brokers: number
  readonly burst: number
  readonly only?: string
  readonly plan?: true
  readonly stalled?: true
  readonly json?: true
}

export function nemesisCommand(): Command {
  return new Command('nemesis')
    .description('Breaks nodes, brokers and links by a seed, and does the accounts of every pair')
    .addArgument(serversArgument('[name...]', 'patterns; default: the five'))
    .addOption(seedsOption().default(DEFAULT_SEEDS))
    .addOption(seedOption().default(1))
    .addOption(wholeNumberOption('--nodes <n>', 'how many nodes', [2, 16]).default(3))
    .addOption(wholeNumberOption('--brokers <n>', 'how many brokers, joined to one cluster', [1, 5]).default(1))
    .addOption(wholeNumberOption('--burst <n>', 'messages of each pair every 10 ms', [1, 10_000]).default(10))
    .addOption(new Option('--only <troubles>', `some of ${TROUBLES.join(', ')}`))
    .option(
      '--stalled',
      'no troubles: others talk, without and with a client of node 2 that reads nothing and is flooded; --seeds rounds',
    )
    .option('--plan', 'print the plan of --seed, and run nothing')
    .option('--json', 'a line of JSON for each run')
    .addHelpText('after', EXAMPLES)
    .action(interruptible(run))
}

async function run(signal: AbortSignal, names: readonly string[], flags: NemesisFlags): Promise<void> {
  const subjects = names.length > 0 ? names.map(known) : PATTERNS
  const troubles = troublesIn(flags.only)
  if (flags.plan) {
    const plan = planOf(new Random(flags.seed), flags.brokers, flags.nodes, troubles)
    process.stdout.write(`${plan.map(renderStep).join('\n')}\n`)
    return
  }
  if (spawnSync('nats-server', ['--version']).status !== 0) {
    throw new Undecided('nats-server is not installed on this machine: nodes are joined by it.')
  }
  const sound = await areAllSound(
    subjects.map(({ pattern }) => pattern.name),
    async (name) => {
      if (flags.stalled) return runStalled(name, flags)
      const results = await runSeeds(name, flags, troubles, signal)
      if (!flags.json) process.stdout.write(`${renderTotals(name, results)}\n`)
      return results.every(isSoundRun)
    },
    signal,
  )
  process.exitCode = signal.aborted ? EXIT.undecided : sound ? EXIT.passed : EXIT.failed
}

/** Judges all, also behind one that is not sound. */
export async function areAllSound(
  names: readonly string[],
  judge: (name: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  let sound = true
  for (const name of names) {
    if (!(await judge(name))) sound = false
    if (signal.aborted) break
  }
  return sound
}

/** Returns whether the broker has called nobody slow. How much is left is for the reader to judge: two of the five stop, and say so. */
async function runStalled(name: string, { seeds: rounds, nodes, brokers, json }: NemesisFlags): Promise<boolean> {
  await using cluster = await Cluster.start(name, brokers, nodes, new Random(1))
  const stalled = await stall(cluster, rounds)
  process.stdout.write(`${json ? JSON.stringify({ pattern: name, ...stalled }) : renderStalled(name, stalled)}\n`)
  return stalled.slowConsumers === 0
}

async function runSeeds(
  name: string,
  { seed: first, seeds, brokers, nodes, burst, json }: NemesisFlags,
  troubles: readonly Trouble[],
  signal: AbortSignal,
): Promise<readonly RunResult[]> {
  const results: RunResult[] = []
  await using cluster = await Cluster.start(name, brokers, nodes, new Random(first))
  for (let seed = first; seed < first + seeds && !signal.aborted; seed++) {
    const result = await runSeed(cluster, seed, troubles, burst)
    results.push(result)
    if (json) process.stdout.write(`${JSON.stringify({ pattern: name, ...result })}\n`)
    else if (!isSoundRun(result)) process.stdout.write(`${renderUnsound(name, result)}\n`)
  }
  return results
}

function isSoundRun({ unsound, idsTwice, rivalsServing }: RunResult): boolean {
  return unsound.length + idsTwice + rivalsServing === 0
}

function renderTotals(name: string, results: readonly RunResult[]): string {
  const sum = (of: (totals: RunResult['totals']) => number): number =>
    results.reduce((all, { totals }) => all + of(totals), 0)
  const healed = median(results.map(({ healedMs }) => healedMs))
  const gaps = results.map(({ gapMs }) => gapMs)
  return (
    `${name}: ${results.length} runs, ${results.filter((result) => !isSoundRun(result)).length} unsound. ` +
    `sent ${sum(({ sent }) => sent)} = arrived ${sum(({ arrived }) => arrived)} + reported ${sum(({ reported }) => reported)} ` +
    `- in doubt ${sum(({ inDoubt }) => inDoubt)} + told by a connection's end ${sum(({ endedWithAnEnd }) => endedWithAnEnd)}; ` +
    `duplicates ${sum(({ duplicates }) => duplicates)}, reordered ${sum(({ reordered }) => reordered)}, ` +
    `strangers ${sum(({ strangers }) => strangers)}, unreported ${sum(({ unreported }) => unreported)}, ` +
    `ids twice ${results.reduce((all, { idsTwice }) => all + idsTwice, 0)}, ` +
    `rivals serving ${results.reduce((all, { rivalsServing }) => all + rivalsServing, 0)}; ` +
    `accounts closed after a median of ${healed.toFixed(0)} ms; ` +
    `the longest gap of a pair ${median(gaps).toFixed(0)} ms in the median, ${Math.max(...gaps).toFixed(0)} ms at most`
  )
}

function renderUnsound(name: string, { seed, plan, unsound, idsTwice, rivalsServing }: RunResult): string {
  const books = unsound.map(
    (book) =>
      `  node ${book.from} to ${book.to}: sent ${book.sent}, arrived ${book.arrived}, reported ${book.reported}, ` +
      `duplicates ${book.duplicates}, reordered ${book.reordered}, strangers ${book.strangers}`,
  )
  const others = [
    ...(idsTwice > 0 ? [`  ${idsTwice} ids were given twice`] : []),
    ...(rivalsServing > 0 ? ['  two nodes with one number served'] : []),
  ]
  return [`${name}, seed ${seed}:`, ...plan.map((step) => `  ${renderStep(step)}`), ...books, ...others].join('\n')
}

function renderStep({ trouble, victim, forMs, restMs }: Step): string {
  return `${restMs} ms later ${trouble} ${victim + 1}${forMs > 0 ? ` for ${forMs} ms` : ''}`
}

function troublesIn(only: string | undefined): readonly Trouble[] {
  if (only === undefined) return TROUBLES
  return only.split(',').map((name) => {
    const trouble = TROUBLES.find((each) => each === name.trim())
    if (trouble) return trouble
    throw new Misuse(`--only has "${name}": there are ${TROUBLES.join(', ')}.`)
  })
}

function renderStalled(name: string, { ratios, heldBytesMax, slowConsumers }: Stalled): string {
  const left = Object.entries(ratios).map(([pair, all]) => `${pair} ${median(all).toFixed(2)}`)
  return (
    `${name}: of the others' messages, from node to node, in the median: ${left.join(', ')}; ` +
    `node 2 held ${heldBytesMax} bytes; slow consumers that the broker reports: ${slowConsumers}`
  )
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}
