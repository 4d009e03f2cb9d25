import { join } from 'node:path'
import { WORKLOADS } from '@switchyard/bench'
import type { Analysis, Pace, Workload } from '@switchyard/bench'
import { Command, Option } from 'commander'
import { contendersOf, plantedContenders } from '../bench/contenders.ts'
import type { Contender } from '../bench/contenders.ts'
import { bench } from '../bench/session.ts'
import { EXIT, Misuse } from '../exit.ts'
import { interruptible } from '../interruption.ts'
import { seedOption, serversArgument, suggesting, wholeNumberOption } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { protocolOption, spokenOf } from '../protocols.ts'

const EXAMPLES = `
Examples:
  switchyard bench                                      the quick set, within five minutes
  switchyard bench --full                               everything that the report has charts for, within forty
  switchyard bench reactor mutex --workload pipelined-32,spread-32 --rounds 8
  switchyard bench --workload pipelined-1k --warmup 5000   warmed up: what is compiled by then is not measured
  switchyard bench --peer mine='./my-server {port}'     a server of the router protocol beside ours
  switchyard bench --protocol ./mine.js                 a protocol of yours, on all five
  switchyard bench reactor --nodes --workload pipelined-32,round-trips-128   several machines, beside raw NATS
  switchyard bench --self-test                          is a slowdown of 10 % found, and none of 0 %?

A folder gets run.json, blocks.jsonl (each block as soon as it ends) and index.html. Ctrl-C ends the run; what it has is
kept. Measure on a machine that does nothing else.
Exit codes: 0 done, 1 a server failed conformance or a block, 2 interrupted, 3 misuse.`

/** Each block is a process that has compiled nothing yet: after 300 ms of load ours still gain, the yardstick does not. */
const PACES: Readonly<Record<'quick' | 'full', Pace>> = {
  quick: { warmupMs: 500, measureMs: 300 },
  full: { warmupMs: 800, measureMs: 450 },
}
const WARMUP_MS_MAX = 60_000
const BUDGETS_MS = { quick: 285_000, full: 2_340_000 } as const
/** More rounds than either set has time for. */
const ROUNDS_MAX = 100
/** Rounds of a run that names its workloads. */
const ROUNDS = 8
const SELF_TEST_ROUNDS = 12
const SELF_TEST_SLOWDOWNS = [0, 0.1]

interface BenchFlags {
  readonly quick?: true
  readonly full?: true
  readonly workload?: string
  readonly rounds?: number
  readonly warmup?: number
  readonly seed?: number
  readonly out?: string
  readonly peer: readonly string[]
  readonly protocol: string
  readonly control: boolean
  readonly nodes?: true
  readonly selfTest?: true
  readonly markdown?: true
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Measures servers side by side, and writes a report that needs no network')
    .addArgument(serversArgument('[pattern...]', 'default: the five'))
    .addOption(new Option('--quick', 'a few workloads, within five minutes (default)').conflicts(['full', 'workload']))
    .option('--full', 'all workloads, or those of --workload, with longer blocks; within forty minutes')
    .addOption(
      suggesting(
        new Option('--workload <names>', 'only these, separated by commas'),
        WORKLOADS.map(({ name }) => name),
      ),
    )
    .addOption(wholeNumberOption('--rounds <n>', 'blocks of each server and workload', [1]))
    .addOption(
      wholeNumberOption('--warmup <ms>', 'load before each block is measured; default: 500, with --full 800', [
        0,
        WARMUP_MS_MAX,
      ]),
    )
    .addOption(seedOption('seed of the order; default: drawn'))
    .option('--out <folder>', 'where the run goes; default: a new one under report/')
    .option(
      '--peer <name=command>',
      "another server of the router protocol: name='cmd {port}'; may be repeated",
      collect,
      [],
    )
    .addOption(protocolOption())
    .option('--nodes', 'each pattern also as one of two nodes joined by nats-server, and across the two')
    .option('--no-control', 'without the server that is measured under two names')
    .option('--self-test', 'measures one server as it is, as it is, and 10 % slower')
    .option('--markdown', 'the summary as markdown')
    .addHelpText('after', EXAMPLES)
    .action(interruptible(run))
}

async function run(signal: AbortSignal, names: readonly string[], flags: BenchFlags): Promise<void> {
  const set = flags.full ? 'full' : 'quick'
  const workloads = flags.selfTest ? namedWorkloads('pipelined-32') : workloadsOf(flags, set)
  const { contenders, absent } = await participants(names, flags)
  const progress = new Progress()
  const chosen = flags.workload !== undefined || flags.rounds !== undefined || flags.selfTest === true
  const { results, analysis, page } = await bench({
    contenders,
    absent,
    workloads,
    pace: { ...PACES[set], ...(flags.warmup !== undefined && { warmupMs: flags.warmup }) },
    seed: flags.seed ?? Math.floor(Math.random() * 1_000_000),
    roundsMax: flags.rounds ?? (flags.selfTest ? SELF_TEST_ROUNDS : chosen ? ROUNDS : ROUNDS_MAX),
    ...(!chosen && { budgetMs: BUDGETS_MS[set] }),
    out: flags.out ?? folderFor(new Date()),
    command: process.argv.slice(2).join(' '),
    signal,
    show: (text) => progress.show(text),
  })
  progress.clear()
  const { renderMarkdown, renderSummary } = await import('@switchyard/bench/report')
  process.stdout.write(flags.markdown ? renderMarkdown(results, analysis) : renderSummary(results, analysis))
  process.stderr.write(`\n${page}\n`)
  process.exitCode = flags.selfTest ? verdictOfSelfTest(analysis) : exitCodeOf(analysis)
}

async function participants(names: readonly string[], flags: BenchFlags): Promise<ReturnType<typeof contendersOf>> {
  const patterns = names.length > 0 ? [...new Set(names)] : PATTERNS.map(({ pattern }) => pattern.name)
  patterns.forEach(known)
  if (flags.selfTest) return { contenders: planted(patterns, names), absent: [] }
  const { suite } = await spokenOf(flags.protocol)
  return contendersOf({
    patterns,
    peers: flags.peer,
    control: flags.control,
    nodes: flags.nodes === true,
    suite,
    protocol: flags.protocol,
  })
}

function planted(patterns: readonly string[], names: readonly string[]): Contender[] {
  if (names.length > 1) throw new Misuse('--self-test measures one pattern: name one, or none for the reactor.')
  return plantedContenders(names.length === 1 ? patterns[0]! : 'reactor', SELF_TEST_SLOWDOWNS)
}

function workloadsOf({ workload, full }: BenchFlags, set: 'quick' | 'full'): readonly Workload[] {
  if (workload !== undefined) return namedWorkloads(workload)
  return full ? WORKLOADS : WORKLOADS.filter((each) => each.set === set)
}

/** In the order of the list, each once, and in every round. */
function namedWorkloads(list: string): readonly Workload[] {
  const wanted = list.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !WORKLOADS.some((workload) => workload.name === name))
  if (unknown !== undefined) {
    throw new Misuse(`There is no workload "${unknown}". There are: ${WORKLOADS.map(({ name }) => name).join(', ')}.`)
  }
  return WORKLOADS.filter(({ name }) => wanted.includes(name)).map((workload) => ({ ...workload, everyRounds: 1 }))
}

function folderFor(now: Date): string {
  return join('report', `bench-${now.toISOString().slice(0, 19).replaceAll(':', '')}`)
}

function exitCodeOf({ workloads }: Analysis): number {
  const standings = workloads.flatMap(({ rows }) => rows.map(({ standing }) => standing.state))
  return standings.some((state) => state === 'failed' || state === 'not-conformant') ? EXIT.failed : EXIT.passed
}

/** The exit code for three servers of which the first two are equal and the third is slower than both. */
function verdictOfSelfTest({ workloads }: Analysis): number {
  const found = workloads.flatMap(({ comparisons }) => comparisons.map(({ difference }) => difference))
  const [equal, ...slower] = found
  const works = equal === 'cannot-tell' && slower.length === 2 && slower.every((difference) => difference === 'higher')
  process.stdout.write(
    works
      ? 'Self-test passed: a slowdown of 10 % is found, and none where there is none.\n'
      : 'Self-test failed: what was planted is not what was found. Is the machine busy?\n',
  )
  return works ? EXIT.passed : EXIT.failed
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
