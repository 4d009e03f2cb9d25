import {
  decodeRun,
  protocolOf,
  renderChart,
  renderLog,
  renderSvg,
  renderTrace,
  ReplayLineError,
  ScheduleChoices,
  startOf,
} from '@switchyard/sim'
import type { Guarantee } from '@switchyard/core'
import type { Outcome, SimulatedProtocol } from '@switchyard/sim'
import { Argument, Command } from 'commander'
import { EXIT, Misuse } from '../exit.ts'
import { declaring } from '@switchyard/simulated'
import { checkWritable, write } from '../files.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { guaranteesOption, wholeNumberOption } from '../options.ts'
import { known } from '../mutants.ts'
import { protocolOption, simulatedOf } from '../protocols.ts'

const EXAMPLES = `
Examples:
  switchyard replay sim1:same-lock-twice:r32,s16,w::1:bnfj
  switchyard replay <line> --svg deadlock.svg --trace deadlock.json    the chart as a picture; a trace for ui.perfetto.dev
  switchyard replay <line> --declare G2,G4                             ask for more than the server promises
  switchyard replay <line> --times 100                                 again and again: it is the same each time

Exit codes: 0 nothing is violated, 1 something is, 2 interrupted, 3 not a line to replay.`

interface ReplayFlags {
  readonly svg?: string
  readonly trace?: string
  readonly log?: true
  readonly json?: true
  readonly times: number
  readonly protocol?: string
  readonly declare: readonly Guarantee[]
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Runs one schedule again, from the line that `explore` printed, and draws it')
    .addArgument(new Argument('<line>', 'begins with "sim1:" or "sim2:"'))
    .addOption(protocolOption('the one that the line names'))
    .option('--svg <file>', 'the chart as a picture')
    .option('--trace <file>', 'a trace that Perfetto opens')
    .option('--log', 'one line for each event instead of the chart')
    .option('--json', 'the verdict as JSON')
    .addOption(wholeNumberOption('--times <n>', 'run it so often, and say if two runs differ', [1]).default(1))
    .addOption(
      guaranteesOption('--declare <guarantees>', 'judge as if the server declared these too: G2,G4').default([]),
    )
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(line: string, flags: ReplayFlags): Promise<void> {
  checkWritable(flags.svg, flags.trace)
  const named = readAs(() => protocolOf(line))
  const protocol: SimulatedProtocol<unknown> = await simulatedOf(flags.protocol ?? named)
  const { speech } = protocol
  const wanted = readAs(() => decodeRun(line, speech))
  const start = startOf(protocol, declaring(known(wanted.pattern), flags.declare).pattern)
  const again = (): Promise<Outcome> => start(wanted.world, new ScheduleChoices(wanted.schedule)).run()
  const outcome = await again()
  const log = renderLog(outcome, speech)
  for (let time = 1; time < flags.times; time++) {
    if (renderLog(await again(), speech) !== log) throw new Error(`run ${time + 1} differs from the first`)
  }
  if (flags.svg !== undefined) write(flags.svg, renderSvg(outcome, speech))
  if (flags.trace !== undefined) write(flags.trace, renderTrace(outcome, speech))
  const { violation, waits, events } = outcome
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ violation: violation ?? null, waits, events: events.length, times: flags.times })}\n`,
    )
  } else {
    process.stdout.write(flags.log ? log : renderChart(outcome, speech))
    if (flags.times > 1) process.stdout.write(`${flags.times} times the same\n`)
  }
  process.exitCode = violation ? EXIT.failed : EXIT.passed
}

/** Throws Misuse for what is no line to replay. */
function readAs<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (error) {
    if (error instanceof ReplayLineError)
      throw new Misuse(`${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`)
    throw error
  }
}
