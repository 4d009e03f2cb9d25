import type { Suite } from '@switchyard/conformance'
import type { Guarantee } from '@switchyard/core'
import type { Dialect } from '@switchyard/harness'
import { shownBy, stress } from '@switchyard/stress'
import type { Stressed, StressOptions, Subject } from '@switchyard/stress'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { machine } from '../compare/machine.ts'
import { EXIT, Misuse } from '../exit.ts'
import { expectationsFrom } from '../expectations.ts'
import { commandFrom } from '../foreign.ts'
import { interruptible } from '../interruption.ts'
import { guaranteesOption, serversArgument } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS, VARIANTS } from '../patterns.ts'
import type { Known } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { protocolOption, spokenOf } from '../protocols.ts'
import { expecting } from '../stress/expected.ts'
import type { ExpectedStress } from '../stress/expected.ts'
import { renderStressed } from '../stress/matrix.ts'
import { exitCodeOf, resultsOf } from '../stress/outcome.ts'
import { obstacleOf, routes } from '../stress/routes.ts'
import { SHORT } from '../stress/short.ts'
import { subjectOf } from '../stress/subject.ts'

const EXAMPLES = `
Examples:
  switchyard stress                            the five: every guarantee, and connection storms, churn, write deadline
  switchyard stress --short                    ${SHORT.join(', ')} only
  switchyard stress mutex reactor --guarantee G2,G4
  switchyard stress --protocol chat            what takes groups: does a member that lags lag alone (G9)
  switchyard stress --protocol exchange        what keeps time and commits: heartbeats on time (G10), decisions per commit (G11)
  switchyard stress --protocol mux             two ends that both write: does it read a peer that does not read (G12)
  switchyard stress all --json > stress.json   the variants too, every figure
  switchyard stress --exec './my-server {port}'   a server in any language, started as \`verify --exec\` does
  switchyard stress --exec '...' --expect known.json   each guarantee has to hold, unless the file says otherwise:
    { "expectations": [{ "guarantee": "G3", "expect": "fail", "reason": "no bound on what is queued" }] }

A promise has to hold, and a price has to be paid. What a run leaves undecided is run again, twice.
Takes about half a minute for each server.

A server of --exec declares nothing: what holds and what does not is told, and is no failure, but for G1 (R3.4 binds every
server) and for one that breaks. It is judged from outside: by what clients get through and, on Linux, by what lies in the
kernel's buffers, its CPU time and its resident memory. What these can't prove is not applicable, never passed.

In a file of --expect an entry counts more than what a server declares; an entry that expects "fail" of what holds is a
failure, and so is one by which nothing was judged, of the guarantees that were asked for.
Exit codes: 0 all as declared or expected, 1 not so, 2 undecided (or no server there) or interrupted, 3 misuse.`

interface StressFlags {
  readonly protocol: string
  readonly exec?: string
  readonly expect?: string
  readonly json?: true
  readonly short?: true
  readonly guarantee?: readonly Guarantee[]
}

export function stressCommand(): Command {
  return new Command('stress')
    .description('Measures what each pattern promises and what it pays: the guarantees, over real TCP')
    .addArgument(serversArgument('[name...]', 'default: the five', ['all']))
    .addOption(protocolOption())
    .addOption(guaranteesOption('--guarantee <ids>', 'only these: G2 or G2,G4'))
    .option('--short', `only ${SHORT.join(', ')}`)
    .option('--exec <command>', "a server to start: 'cmd {port}'")
    .option('--expect <file>', 'which guarantees are known not to hold, or to be flaky, and why (JSON)')
    .option('--json', 'every figure as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptible(run))
}

async function run(signal: AbortSignal, names: readonly string[], flags: StressFlags): Promise<void> {
  const { suite, dialect } = await spokenOf(flags.protocol)
  const subjects = subjectsOf(names, flags, dialect)
  const which = whichOf(flags)
  const shown = shownBy(dialect)
  const unshown = which.guarantees?.find((id) => !shown.includes(id))
  if (unshown !== undefined) {
    throw new Misuse(
      `${unshown} can't be measured by messages of ${suite.name}: they show ${shown.toSorted().join(', ')}.`,
    )
  }
  if (flags.expect !== undefined && subjects.length !== 1) {
    throw new Misuse('--expect is about one server: name one, or use --exec.')
  }
  const expectations = flags.expect === undefined ? undefined : expectationsFrom(suite, flags.expect)
  const begunAtMs = performance.now()
  const progress = new Progress()
  if (flags.exec !== undefined && !(await isThere(suite, flags.exec, signal))) return
  const show = (text: string): void => progress.show(`Stressing ${text}`)
  const measured = await stress(subjects, { ...which, signal, show }).finally(() => progress.clear())
  const seconds = Math.round((performance.now() - begunAtMs) / 1000)
  const stressed = expectations ? expecting(measured, expectations) : measured
  if (flags.json) process.stdout.write(jsonOf(stressed, seconds))
  else process.stdout.write(`${renderStressed(stressed, coloursFor(process.stdout))}${seconds} s.\n`)
  process.exitCode = exitCodeOf(resultsOf(stressed), complaintsOf(stressed))
}

function subjectsOf(names: readonly string[], { exec, protocol }: StressFlags, dialect: Dialect): readonly Subject[] {
  const hosted = (each: Known): Subject => subjectOf(each, protocol, dialect)
  if (exec !== undefined) {
    if (names.length > 0) throw new Misuse('Stress either servers by name, or one by --exec.')
    return [{ name: exec, command: commandFrom(exec), dialect }]
  }
  if (names.length === 0) return PATTERNS.map(hosted)
  const chosen = new Set(names.flatMap((name) => (name === 'all' ? [...PATTERNS, ...VARIANTS] : [known(name)])))
  return [...chosen].map(hosted)
}

/** Says so if it is not, or does not route, and sets the exit code. */
async function isThere(suite: Suite, line: string, signal: AbortSignal): Promise<boolean> {
  const report = await routes(suite, line, signal)
  const { overall, summary } = report
  signal.throwIfAborted()
  if (overall === 'passed') return true
  const verdict = overall === 'failed' ? 'it does not route. Begin with `switchyard verify --exec`' : 'undecided'
  process.stderr.write(`${line}: ${verdict}: ${summary}\n${overall === 'failed' ? obstacleOf(report) : ''}`)
  process.exitCode = overall === 'failed' ? EXIT.failed : EXIT.undecided
  return false
}

function complaintsOf(stressed: Stressed | ExpectedStress): readonly string[] {
  return 'complaints' in stressed ? stressed.complaints : []
}

function whichOf({ short, guarantee }: StressFlags): Pick<StressOptions, 'guarantees' | 'trials'> {
  if (short && guarantee) throw new Misuse(`--short is ${SHORT.join(', ')}; choose either that or --guarantee.`)
  if (short) return { guarantees: SHORT, trials: [] }
  return guarantee ? { guarantees: guarantee, trials: [] } : {}
}

function jsonOf(stressed: Stressed | ExpectedStress, seconds: number): string {
  const { cells, trials } = stressed
  const made = { at: new Date().toISOString(), seconds, command: `switchyard ${process.argv.slice(2).join(' ')}` }
  const complaints = complaintsOf(stressed)
  return `${JSON.stringify({ schema: 1, made, machine: machine(), cells, trials, complaints }, null, 2)}\n`
}
