import { GUARANTEES } from '@switchyard/core'
import type { Guarantee } from '@switchyard/core'
import { stress } from '@switchyard/stress'
import type { Stressed, StressOptions } from '@switchyard/stress'
import { Argument, Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { machine } from '../compare/machine.ts'
import { Misuse } from '../exit.ts'
import { known, NAMES, PATTERNS, VARIANTS } from '../patterns.ts'
import type { Known } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { renderStressed } from '../stress/matrix.ts'
import { exitCodeOf, resultsOf } from '../stress/outcome.ts'
import { SHORT } from '../stress/short.ts'
import { subjectOf } from '../stress/subject.ts'

const EXAMPLES = `
Examples:
  switchyard stress                            the five: every guarantee, and connection storms, churn, write deadline
  switchyard stress --short                    ${SHORT.join(', ')} only
  switchyard stress mutex reactor --guarantee G2,G4
  switchyard stress all --json > stress.json   the variants too, every figure

A promise has to hold, and a price has to be paid. What a run leaves undecided is run again, twice.
Takes about half a minute for each server.
Exit codes: 0 all as declared, 1 not so, 2 undecided, 3 misuse.`

interface StressFlags {
  readonly json?: true
  readonly short?: true
  readonly guarantee?: readonly Guarantee[]
}

export function stressCommand(): Command {
  return new Command('stress')
    .description('Measures what each pattern promises and what it pays: the guarantees G1 to G8 over real TCP')
    .addArgument(new Argument('[name...]', `any of ${NAMES.join(', ')}, or "all"; default: the five`))
    .option('--guarantee <ids>', 'only these: G2 or G2,G4', guaranteesOf)
    .option('--short', `only ${SHORT.join(', ')}`)
    .option('--json', 'every figure as JSON')
    .addHelpText('after', EXAMPLES)
    .action(run)
}

async function run(names: readonly string[], flags: StressFlags): Promise<void> {
  const chosen = chosenOf(names)
  const which = whichOf(flags)
  const begunAtMs = performance.now()
  const progress = new Progress()
  const stressed = await interruptible((signal) =>
    stress(chosen.map(subjectOf), { ...which, signal, show: (text) => progress.show(`Stressing ${text}`) }),
  ).finally(() => progress.clear())
  const seconds = Math.round((performance.now() - begunAtMs) / 1000)
  if (flags.json) process.stdout.write(jsonOf(stressed, seconds))
  else process.stdout.write(`${renderStressed(stressed, coloursFor(process.stdout))}${seconds} s.\n`)
  process.exitCode = exitCodeOf(resultsOf(stressed))
}

function chosenOf(names: readonly string[]): readonly Known[] {
  if (names.length === 0) return PATTERNS
  return [...new Set(names.flatMap((name) => (name === 'all' ? [...PATTERNS, ...VARIANTS] : [known(name)])))]
}

function whichOf({ short, guarantee }: StressFlags): Pick<StressOptions, 'guarantees' | 'trials'> {
  if (short && guarantee) throw new Misuse(`--short is ${SHORT.join(', ')}; choose either that or --guarantee.`)
  if (short) return { guarantees: SHORT, trials: [] }
  return guarantee ? { guarantees: guarantee, trials: [] } : {}
}

function guaranteesOf(text: string): readonly Guarantee[] {
  return text.split(',').map((part) => {
    const id = GUARANTEES.find((each) => each === part.trim().toUpperCase())
    if (id) return id
    throw new Misuse(`--guarantee is "${text}": it must be one or more of ${GUARANTEES.join(', ')}, such as G2,G4.`)
  })
}

function jsonOf({ cells, trials }: Stressed, seconds: number): string {
  const made = { at: new Date().toISOString(), seconds, command: `switchyard ${process.argv.slice(2).join(' ')}` }
  return `${JSON.stringify({ schema: 1, made, machine: machine(), cells, trials }, null, 2)}\n`
}

/** On a signal every process that was started ends first; then this one, as it would have without. A second signal is not waited for. */
async function interruptible<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const interruption = new AbortController()
  let received: NodeJS.Signals | undefined
  const interrupted = (signal: NodeJS.Signals): void => {
    received = signal
    interruption.abort(new Error(`interrupted by ${signal}`))
  }
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted)
  try {
    return await work(interruption.signal)
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
    if (received) process.kill(process.pid, received)
  }
}
