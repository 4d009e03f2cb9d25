import { brokers, crowdYardstickSubject, FAN_OUTS, hosted, measure, median } from '@switchyard/bench'
import type { Measurement, Subject } from '@switchyard/bench'
import { Random } from '@switchyard/core'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { Command, Option } from 'commander'
import { machine } from '../compare/machine.ts'
import { EXIT, Misuse } from '../exit.ts'
import { interruptible } from '../interruption.ts'
import { serversArgument, suggesting, wholeNumberOption } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'

const HOST = new URL('../host.js', import.meta.url)
const WARMUP_MS = 400
const MEASURE_MS = 1_000
const NAME_WIDTH = 20
const CELL_WIDTH = 18

const EXAMPLES = `
Examples:
  switchyard fan-out                          a chat on the five, beside nats-server, redis and mosquitto
  switchyard fan-out reactor race --load 1-to-1000 50-to-50 --rounds 5
  switchyard fan-out --json > fan-out.json

What one says goes to all of its room, itself included; each arrival is a delivery. Messages of 50 bytes, in a closed loop, so
that nobody lags. The yardstick is a bare net server that writes once to each member: what Node's sockets cost at least. In each round
every server is measured once, in random order, in a process of its own.
Exit codes: ${EXIT.passed} measured, ${EXIT.failed} some came to nothing, ${EXIT.undecided} interrupted, ${EXIT.misuse} misuse.`

interface FanOutFlags {
  readonly load?: readonly string[]
  readonly rounds: number
  readonly json?: true
}

/** Of one server under one load, by round. */
interface Row {
  readonly load: string
  readonly server: string
  readonly measurements: Measurement[]
  readonly failures: string[]
}

interface Measured extends Row {
  readonly subject: Subject
}

export function fanOutCommand(): Command {
  return new Command('fan-out')
    .description(
      'Measures what it costs to send one message to many: CPU time a delivery, beside brokers that are installed',
    )
    .addArgument(serversArgument('[name...]', 'default: the five'))
    .addOption(
      suggesting(
        new Option('--load <name...>', `${Object.keys(FAN_OUTS).join(', ')}; default: all`),
        Object.keys(FAN_OUTS),
      ),
    )
    .addOption(wholeNumberOption('--rounds <n>', 'how often each is measured', [1, 100]).default(3))
    .option('--json', 'every figure as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptible(run))
}

async function run(signal: AbortSignal, names: readonly string[], { load, rounds, json }: FanOutFlags): Promise<void> {
  const loads = load ?? Object.keys(FAN_OUTS)
  const unknown = loads.find((name) => !Object.hasOwn(FAN_OUTS, name))
  if (unknown !== undefined)
    throw new Misuse(`There is no load "${unknown}". There are: ${Object.keys(FAN_OUTS).join(', ')}.`)
  const { subjects, missing } = subjectsOf(names)
  const rows = loads.flatMap((each): Measured[] =>
    subjects.map((subject) => ({ load: each, server: subject.name, subject, measurements: [], failures: [] })),
  )
  const random = new Random(1)
  const progress = new Progress()
  for (let round = 1; round <= rounds; round++) {
    for (const { load: name, subject, measurements, failures } of random.shuffled(rows)) {
      signal.throwIfAborted()
      progress.show(`Round ${round} of ${rounds}: ${subject.name}, ${name}`)
      try {
        measurements.push(await measured(subject, name))
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  progress.clear()
  const told = rows.map(({ load: each, server, measurements, failures }): Row => ({
    load: each,
    server,
    measurements,
    failures,
  }))
  process.stdout.write(json ? jsonOf(told, missing) : render(told, loads, missing))
  process.exitCode = told.every(({ failures }) => failures.length === 0) ? EXIT.passed : EXIT.failed
}

function subjectsOf(names: readonly string[]): { readonly subjects: Subject[]; readonly missing: string[] } {
  const patterns = names.length > 0 ? names.map((name) => known(name).pattern) : PATTERNS.map(({ pattern }) => pattern)
  const subjects = patterns.map(({ name }) =>
    hosted(
      'pattern',
      name,
      { module: HOST, args: [name, '--protocol', CHAT.name] },
      { bounded: true, dialect: CHAT.name },
    ),
  )
  subjects.push(crowdYardstickSubject())
  const missing: string[] = []
  for (const [name, subject] of Object.entries(brokers(process.env['PATH'] ?? ''))) {
    if (subject) subjects.push(subject)
    else missing.push(name)
  }
  return { subjects, missing }
}

async function measured(subject: Subject, name: string): Promise<Measurement> {
  const load = FAN_OUTS[name]
  if (!load) throw new RangeError(`no load ${name}`)
  await using server = await subject.start({})
  return await measure(server, { ...load, warmupMs: WARMUP_MS, measureMs: MEASURE_MS }, { dialect: subject.dialect })
}

function nanosOf({ measurements }: Row): number {
  return Math.round(median(measurements.map((each) => each.serverCpuMicrosPerMessage * 1000)))
}

function render(rows: readonly Row[], loads: readonly string[], missing: readonly string[]): string {
  const servers = [...new Set(rows.map(({ server }) => server))]
  const lines = [''.padEnd(NAME_WIDTH) + loads.map((load) => load.padStart(CELL_WIDTH)).join('')]
  for (const server of servers) {
    const cells = loads.map((load) => {
      const row = rows.find((each) => each.server === server && each.load === load)
      return row && row.measurements.length > 0 ? `${nanosOf(row)}` : '–'
    })
    lines.push(server.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join(''))
  }
  const failures = rows.flatMap(({ server, load, failures: each }) => each.map((why) => `${server}, ${load}: ${why}`))
  const absent = missing.map((name) => `${name} is not installed here, so it was not measured.`)
  return `${[...lines, '', 'ns of CPU for each delivery, all threads; the median of the rounds.', ...absent, ...failures].join('\n')}\n`
}

function jsonOf(rows: readonly Row[], missing: readonly string[]): string {
  const made = { at: new Date().toISOString(), command: `switchyard ${process.argv.slice(2).join(' ')}` }
  const told = rows.map((row) => ({ ...row, nanosPerDelivery: nanosOf(row) }))
  return `${JSON.stringify({ schema: 1, made, machine: machine(), rows: told, missing }, null, 2)}\n`
}
