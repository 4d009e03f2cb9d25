import type { Guarantee } from '@switchyard/core'
import { declaring, exploreOne } from '@switchyard/simulated'
import type { Explorable, Explored, Faulty, Plan } from '@switchyard/simulated'
import { renderChart } from '@switchyard/sim'
import type { Mode, SimulatedProtocol, Speech } from '@switchyard/sim'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import type { Colours } from '@switchyard/conformance/reports'
import { EXIT, Misuse } from '../exit.ts'
import { rateOf } from '../rate.ts'
import type { Rate } from '../rate.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { guaranteesOption, seedOption, seedsOption, serversArgument, wholeNumberOption } from '../options.ts'
import { known, MUTANTS, withoutFault } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import type { KnownMutant } from '../mutants.ts'
import type { Known } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { protocolOption, simulatedOf } from '../protocols.ts'

const DEFAULT_SEEDS = 10_000

const EXAMPLES = `
Examples:
  switchyard explore mutex                       ${DEFAULT_SEEDS} random schedules
  switchyard explore reactor --minutes 5
  switchyard explore channels --exhaustive       every schedule of a small world: two clients with two messages
                                                 each, and one that stops reading
  switchyard explore channels --exhaustive --splits 1
  switchyard explore two-locks-in-two-orders     finds the planted fault, and shows the shortest way there
  switchyard explore all                         the five, and every mutant
  switchyard explore race --protocol epmd        another protocol's worlds
  switchyard explore mutex --protocol mux --declare G12   asks for more than it promises: the shortest way to its price

Exit codes: 0 as it should be (of a mutant: found out), 1 not so, 2 interrupted, 3 misuse.`

interface ExploreFlags {
  readonly seeds?: number
  readonly seed: number
  readonly exhaustive?: true
  readonly splits: number
  readonly minutes?: number
  readonly pct?: number
  readonly rate?: true
  readonly protocol: string
  readonly declare: readonly Guarantee[]
  readonly json?: true
}

export function exploreCommand(): Command {
  return new Command('explore')
    .description('Runs servers on a simulated network, under one order of events after the other')
    .addArgument(
      serversArgument('<name...>', 'patterns, variants or mutants; "all" is the five and every mutant', ['all']),
    )
    .addOption(protocolOption())
    .addOption(seedsOption(`how many random schedules; default ${DEFAULT_SEEDS}`))
    .addOption(seedOption().default(0))
    .addOption(wholeNumberOption('--minutes <n>', 'random schedules for so long', [1]))
    .addOption(wholeNumberOption('--pct <n>', 'random priorities with n changes instead of random choices', [0]))
    .option('--exhaustive', 'every schedule of a small world')
    .addOption(
      wholeNumberOption(
        '--splits <n>',
        'with --exhaustive: reads and writes that may be split, in one schedule',
        [0],
      ).default(0),
    )
    .addOption(
      guaranteesOption('--declare <guarantees>', 'judge as if the servers declared these too: G2,G4').default([]),
    )
    .option('--rate', 'only how fast: events a second, and against a loop that settles and does nothing')
    .option('--json', 'the results as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(names: readonly string[], flags: ExploreFlags): Promise<void> {
  const protocol = await simulatedOf(flags.protocol)
  if (flags.rate) return rates(names, protocol, flags)
  const plan = planOf(flags)
  const progress = new Progress()
  const results: Explored<unknown>[] = []
  const shown = {
    speech: protocol.speech,
    declared: flags.declare.length === 0 ? '' : ` --declare ${flags.declare.join(',')}`,
    brief: names.includes('all'),
    colours: coloursFor(process.stdout),
  }
  for (const subject of subjectsOf(names, protocol)) {
    const asked = 'seenBy' in subject ? subject : declaring(subject, flags.declare)
    const result = await exploreOne(protocol, asked, plan, (text) => progress.show(text))
    progress.clear()
    results.push(result)
    if (!flags.json) process.stdout.write(render(result, subject, shown))
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(results.map(withoutOutcome), null, 2)}\n`)
  process.exitCode = results.every(({ asItShould }) => asItShould) ? EXIT.passed : EXIT.failed
}

async function rates(
  names: readonly string[],
  protocol: SimulatedProtocol<unknown>,
  { json, ...others }: ExploreFlags,
): Promise<void> {
  if (others.seeds !== undefined || others.exhaustive || others.minutes !== undefined || others.pct !== undefined) {
    throw new Misuse('--rate measures the same random schedules each time; it takes no other option than --json.')
  }
  const progress = new Progress()
  const measured: Rate[] = []
  for (const subject of subjectsOf(names, protocol)) {
    const rate = await rateOf(protocol, subject, (text) => progress.show(text))
    progress.clear()
    measured.push(rate)
    if (!json) process.stdout.write(renderRate(rate))
  }
  if (json) process.stdout.write(`${JSON.stringify(measured, null, 2)}\n`)
}

function renderRate({ name, eventsPerSecond, ofEmptyLoop, blocks }: Rate): string {
  const [low, high] = [Math.min(...blocks), Math.max(...blocks)].map((ratio) => ratio.toFixed(2))
  const rate = `${Math.round(eventsPerSecond / 1_000)},000 events a second`
  return `${name}: ${rate}, ${ofEmptyLoop.toFixed(2)} of a loop that only settles (${blocks.length} blocks: ${low} to ${high})\n`
}

function subjectsOf(
  names: readonly string[],
  { speech: { protocol } }: SimulatedProtocol<unknown>,
): readonly (Explorable | Faulty)[] {
  const ofRouter = protocol === 'router'
  return names.flatMap((name) => {
    if (name === 'all') return ofRouter ? [...PATTERNS, ...MUTANTS] : PATTERNS
    return [ofRouter ? orderly(known(name)) : withoutFault(name, protocol)]
  })
}

function orderly(subject: Known | KnownMutant): Known | KnownMutant {
  if (!('case' in subject)) return subject
  const { name } = subject.pattern
  throw new Misuse(`The fault of "${name}" shows in any order of events: switchyard verify ${name} finds it.`)
}

function planOf({ seeds, seed, exhaustive, splits, minutes, pct }: ExploreFlags): Plan {
  if (exhaustive && (seeds !== undefined || pct !== undefined)) {
    throw new Misuse('--exhaustive runs every schedule; --seeds and --pct are for random ones.')
  }
  if (exhaustive) return { mode: { kind: 'exhaustive', splitsMax: splits }, ...timeOf(minutes) }
  const count = seeds ?? (minutes === undefined ? DEFAULT_SEEDS : Number.MAX_SAFE_INTEGER - seed)
  const range = { from: seed, to: seed + count - 1 }
  const mode: Mode = pct === undefined ? { kind: 'random', ...range } : { kind: 'pct', ...range, changes: pct }
  return { mode, ...timeOf(minutes) }
}

function timeOf(minutes: number | undefined): Pick<Plan, 'timeMax'> {
  return minutes === undefined ? {} : { timeMax: minutes * 60_000 }
}

interface Shown {
  readonly speech: Speech<unknown>
  /** What a replay needs besides the line, to judge as this run did. */
  readonly declared: string
  readonly brief: boolean
  readonly colours: Colours
}

/** One line; and for a finding the shortest way there. Of all at once, only for those that are not as they should be. */
function render(
  result: Explored<unknown>,
  subject: Explorable | Faulty,
  { speech, declared, brief, colours }: Shown,
): string {
  const { green, red, bold } = colours
  const { name, asItShould, explored, pruned, events, complete, seconds, found } = result
  const extent = [
    `${explored} schedules`,
    pruned > 0 ? `${pruned} orders pruned` : '',
    `${events} events`,
    `${seconds.toFixed(1)} s`,
    complete ? 'that was all' : '',
  ].filter((part) => part !== '')
  const mutant = 'seenBy' in subject
  const verdict = found
    ? `${found.clause} is violated after ${found.afterSchedules} schedules`
    : mutant
      ? `survives: ${subject.seenBy} was never violated`
      : 'no violation'
  const lines = [`${bold(name)}: ${(asItShould ? green : red)(verdict)} (${extent.join(', ')})`]
  if (found) {
    lines.push(`  ${found.message.replaceAll('\n', '\n  ')}`, `  switchyard replay ${found.line}${declared}`)
    if (!brief || !asItShould) lines.push('', renderChart(found.outcome, speech))
  }
  return `${lines.join('\n')}\n`
}

function withoutOutcome({ found, ...result }: Explored<unknown>): object {
  if (!found) return { ...result, found }
  const { outcome: _, ...rest } = found
  return { ...result, found: rest }
}
