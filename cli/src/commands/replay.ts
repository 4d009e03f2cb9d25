import { writeFile } from 'node:fs/promises'
import { GUARANTEES } from '@switchyard/core'
import {
  decodeRun,
  renderChart,
  renderLog,
  renderSvg,
  renderTrace,
  ReplayLineError,
  ScheduleChoices,
} from '@switchyard/sim'
import { ROUTER_SPEECH, startOf } from '@switchyard/simulated'
import type { Guarantee } from '@switchyard/core'
import type { RouterSay } from '@switchyard/simulated'
import type { Outcome, Run } from '@switchyard/sim'
import { Argument, Command, Option } from 'commander'
import { EXIT, Misuse } from '../exit.ts'
import { declaring } from '@switchyard/simulated'
import { interruptibleAtOnce } from '../interruption.ts'
import { known } from '../patterns.ts'

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
  readonly declare: readonly Guarantee[]
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Runs one schedule again, from the line that `explore` printed, and draws it')
    .addArgument(new Argument('<line>', 'begins with "sim1:"'))
    .option('--svg <file>', 'the chart as a picture')
    .option('--trace <file>', 'a trace that Perfetto opens')
    .option('--log', 'one line for each event instead of the chart')
    .option('--json', 'the verdict as JSON')
    .addOption(new Option('--times <n>', 'run it so often, and say if two runs differ').default(1).argParser(Number))
    .addOption(
      new Option('--declare <guarantees>', 'judge as if the server declared these too: G2,G4')
        .default([])
        .argParser(guaranteesFrom),
    )
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(line: string, flags: ReplayFlags): Promise<void> {
  if (!(Number.isSafeInteger(flags.times) && flags.times >= 1)) {
    throw new Misuse('--times must be a whole number from 1.')
  }
  const wanted = read(line)
  const start = startOf(declaring(known(wanted.pattern), flags.declare).pattern)
  const again = (): Promise<Outcome<RouterSay>> => start(wanted.world, new ScheduleChoices(wanted.schedule)).run()
  const outcome = await again()
  const log = renderLog(outcome, ROUTER_SPEECH)
  for (let time = 1; time < flags.times; time++) {
    if (renderLog(await again(), ROUTER_SPEECH) !== log) throw new Error(`run ${time + 1} differs from the first`)
  }
  if (flags.svg !== undefined) await writeFile(flags.svg, renderSvg(outcome, ROUTER_SPEECH))
  if (flags.trace !== undefined) await writeFile(flags.trace, renderTrace(outcome, ROUTER_SPEECH))
  const { violation, waits, events } = outcome
  if (flags.json) {
    process.stdout.write(
      `${JSON.stringify({ violation: violation ?? null, waits, events: events.length, times: flags.times })}\n`,
    )
  } else {
    process.stdout.write(flags.log ? log : renderChart(outcome, ROUTER_SPEECH))
    if (flags.times > 1) process.stdout.write(`${flags.times} times the same\n`)
  }
  process.exitCode = violation ? EXIT.failed : EXIT.passed
}

function guaranteesFrom(text: string): readonly Guarantee[] {
  return text.split(',').map((name) => {
    const guarantee = GUARANTEES.find((each) => each === name)
    if (guarantee) return guarantee
    throw new Misuse(`--declare is "${text}": it must be guarantees from ${GUARANTEES[0]} on, such as G2,G4.`)
  })
}

function read(line: string): Run<RouterSay> {
  try {
    return decodeRun(line, ROUTER_SPEECH)
  } catch (error) {
    if (error instanceof ReplayLineError)
      throw new Misuse(`${error.message[0]?.toUpperCase()}${error.message.slice(1)}.`)
    throw error
  }
}
