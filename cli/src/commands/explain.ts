import { ROUTER } from '@switchyard/protocols/router/suite'
import { Failed, inProcess, Unreachable } from '@switchyard/conformance'
import type { Target } from '@switchyard/conformance'
import { DEFAULT_LIMITS } from '@switchyard/core'
import { renderLog, renderSvg } from '@switchyard/sim'
import type { SimulatedProtocol, Speech } from '@switchyard/sim'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { EXIT, Misuse } from '../exit.ts'
import {
  NotPlayed,
  renderSchedule,
  renderStall,
  scheduleOf,
  shownOf,
  stall,
  undeclaredOf,
} from '@switchyard/stress/explain'
import type { Schedule, Stall } from '@switchyard/stress/explain'
import { runningAt, startedBy } from '../foreign.ts'
import { checkWritable, write } from '../files.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { serversArgument } from '../options.ts'
import { known, MUTANTS, withoutFault } from '../mutants.ts'
import { Progress } from '../progress.ts'
import { protocolOption, simulatedOf } from '../protocols.ts'

const EXAMPLES = `
Examples:
  switchyard explain mutex                           one client does not read: who waits for whom, over TCP; and the
                                                     shortest order of events that leads there
  switchyard explain two-locks-in-two-orders         a mutant, and the shortest way to its fault
  switchyard explain mutex --svg stall.svg           the schedule as a picture, too
  switchyard explain channels --protocol chat        in rooms: the shortest order of events that leads to what it does not
                                                     promise (over TCP: switchyard stress channels --protocol chat)
  switchyard explain --exec './my-server {port}'     a server into which nobody can look: what it owes to whom, since when
  switchyard explain --connect 127.0.0.1:7000        one that runs already; it must have room for seven clients

Exit codes: 0 explained; 1 what was sent never came, though everybody read, or a mutant's fault was not found; 2 nothing to
explain (no server there, or none that routes; of another protocol, nothing found) or interrupted, 3 misuse.`

interface ExplainFlags {
  readonly connect?: string
  readonly exec?: string
  readonly protocol: string
  readonly svg?: string
  readonly json?: true
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Stalls a server, and says who waits for whom and how it comes to that')
    .addArgument(serversArgument('[name]', `a pattern, a variant, or one of the ${MUTANTS.length} mutants`))
    .option('--connect <host:port>', 'a server that runs already')
    .option('--exec <command>', "a server to start: 'cmd {port}'")
    .addOption(protocolOption())
    .option('--svg <file>', 'the schedule as a picture')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(name: string | undefined, flags: ExplainFlags): Promise<void> {
  checkWritable(flags.svg)
  const protocol = await simulatedOf(flags.protocol)
  if (protocol.speech.protocol === ROUTER.name) return routed(name, flags, protocol)
  if (name === undefined) {
    throw new Misuse(
      `With --protocol ${flags.protocol} a server is explained by its simulation, and only servers with a name can be ` +
        `simulated: switchyard explain mutex --protocol ${flags.protocol}`,
    )
  }
  const subject = withoutFault(name, flags.protocol)
  const progress = new Progress()
  const schedule = await undeclaredOf(protocol, subject, (text) => progress.show(text))
  progress.clear()
  if (flags.json) writeJson({ name, stall: null, obstacle: null, schedule: withLog(schedule, protocol.speech) })
  else process.stdout.write(renderSchedule(name, schedule, protocol.speech, coloursFor(process.stdout)))
  draw(schedule, protocol.speech, flags)
  process.exitCode = schedule.found || schedule.explored === 0 ? EXIT.passed : EXIT.undecided
}

/** A router: its stall is seen over TCP first. */
async function routed(
  name: string | undefined,
  flags: ExplainFlags,
  { speech }: SimulatedProtocol<unknown>,
): Promise<void> {
  const progress = new Progress()
  const say = (text: string): void => progress.show(text)
  const subject = name === undefined ? undefined : known(name)
  await using target = targetOf(name, flags)
  const { stall: live, obstacle } = await stalled(target, say)
  progress.clear()
  const colours = coloursFor(process.stdout)
  if (!flags.json) {
    process.stdout.write(live ? renderStall(target.name, live, colours) : `${target.name}, over TCP: ${obstacle}\n`)
  }
  const schedule = subject ? await scheduleOf(subject, say) : null
  progress.clear()
  if (schedule && !flags.json) process.stdout.write(`\n${renderSchedule(target.name, schedule, speech, colours)}`)
  if (schedule) draw(schedule, speech, flags)
  if (flags.json) {
    writeJson({ name: target.name, stall: live, obstacle, schedule: schedule && withLog(schedule, speech) })
  }
  process.exitCode = exitCodeOf(live, schedule, subject?.pattern.fails)
}

function draw({ sought, found }: Schedule, speech: Speech<unknown>, { svg }: ExplainFlags): void {
  if (svg !== undefined && found) write(svg, renderSvg(shownOf(sought, found.outcome), speech))
}

function writeJson(explanation: object): void {
  process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
}

async function stalled(
  target: Target,
  show: (text: string) => void,
): Promise<{ readonly stall: Stall; readonly obstacle: null } | { readonly stall: null; readonly obstacle: string }> {
  try {
    const site = await target.open(DEFAULT_LIMITS)
    try {
      return { stall: await stall(site, show), obstacle: null }
    } catch (error) {
      return { stall: null, obstacle: [obstacleIn(error), await site.account()].join('\n').trimEnd() }
    } finally {
      await site.release(true).catch(() => {}) // How a mutant ends is judged elsewhere.
    }
  } catch (error) {
    return { stall: null, obstacle: obstacleIn(error) }
  }
}

/** Throws what is no fault of the server's. */
function obstacleIn(error: unknown): string {
  if (error instanceof Unreachable || error instanceof Failed || error instanceof NotPlayed) return error.message
  throw error
}

function targetOf(name: string | undefined, { connect, exec, svg }: ExplainFlags): Target {
  if ([name, connect, exec].filter((given) => given !== undefined).length !== 1) {
    throw new Misuse('Explain either one server by name, or one by --connect, or one by --exec.')
  }
  if (name !== undefined) return inProcess(ROUTER, known(name).pattern)
  if (svg !== undefined) throw new Misuse('--svg draws a schedule, and only servers with a name can be simulated.')
  return connect === undefined ? startedBy(exec ?? '') : runningAt(connect)
}

/** The events as text: fit for JSON. */
function withLog({ found, ...schedule }: Schedule, speech: Speech<unknown>): object {
  if (!found) return { ...schedule, found }
  const { outcome, ...rest } = found
  const { violation, waits } = shownOf(schedule.sought, outcome)
  return {
    ...schedule,
    found: {
      ...rest,
      violation: violation ?? null,
      waits,
      log: renderLog(outcome, speech).trimEnd().split('\n'),
    },
  }
}

function exitCodeOf(live: Stall | null, schedule: Schedule | null, fails: readonly string[] = []): number {
  if (schedule?.sought.kind === 'fault') return schedule.found ? EXIT.passed : EXIT.failed
  if (!live) return EXIT.undecided
  return live.after.state === 'paid' || fails.includes('R3.4') ? EXIT.passed : EXIT.failed
}
