import { ROUTER } from '@switchyard/protocols/router/suite'
import { Failed, inProcess, Unreachable } from '@switchyard/conformance'
import type { Target } from '@switchyard/conformance'
import { DEFAULT_LIMITS } from '@switchyard/core'
import { ROUTER_SPEECH } from '@switchyard/protocols/router/simulated'
import { renderLog, renderSvg } from '@switchyard/sim'
import { Command } from 'commander'
import { coloursFor } from '../colours.ts'
import { EXIT, Misuse } from '../exit.ts'
import { NotPlayed, renderSchedule, renderStall, scheduleOf, shownOf, stall } from '@switchyard/stress/explain'
import type { Schedule, Stall } from '@switchyard/stress/explain'
import { runningAt, startedBy } from '../foreign.ts'
import { checkWritable, write } from '../files.ts'
import { interruptibleAtOnce } from '../interruption.ts'
import { serversArgument } from '../options.ts'
import { known, MUTANTS } from '../patterns.ts'
import { Progress } from '../progress.ts'

const EXAMPLES = `
Examples:
  switchyard explain mutex                           one client does not read: who waits for whom, over TCP; and the
                                                     shortest order of events that leads there
  switchyard explain two-locks-in-two-orders         a mutant, and the shortest way to its fault
  switchyard explain mutex --svg stall.svg           the schedule as a picture, too
  switchyard explain --exec './my-server {port}'     a server into which nobody can look: what it owes to whom, since when
  switchyard explain --connect 127.0.0.1:7000        one that runs already; it must have room for seven clients

Exit codes: 0 explained; 1 what was sent never came, though everybody read, or a mutant's fault was not found; 2 nothing to
explain (no server there, or none that routes) or interrupted, 3 misuse.`

interface ExplainFlags {
  readonly connect?: string
  readonly exec?: string
  readonly svg?: string
  readonly json?: true
}

export function explainCommand(): Command {
  return new Command('explain')
    .description('Stalls a server, and says who waits for whom and how it comes to that')
    .addArgument(serversArgument('[name]', `a pattern, a variant, or one of the ${MUTANTS.length} mutants`))
    .option('--connect <host:port>', 'a server that runs already')
    .option('--exec <command>', "a server to start: 'cmd {port}'")
    .option('--svg <file>', 'the schedule as a picture')
    .option('--json', 'as JSON')
    .addHelpText('after', EXAMPLES)
    .action(interruptibleAtOnce(run))
}

async function run(name: string | undefined, flags: ExplainFlags): Promise<void> {
  checkWritable(flags.svg)
  const progress = new Progress()
  const show = (text: string): void => progress.show(text)
  const subject = name === undefined ? undefined : known(name)
  await using target = targetOf(name, flags)
  const { stall: live, obstacle } = await stalled(target, show)
  progress.clear()
  const colours = coloursFor(process.stdout)
  if (!flags.json) {
    process.stdout.write(live ? renderStall(target.name, live, colours) : `${target.name}, over TCP: ${obstacle}\n`)
  }
  const schedule = subject ? await scheduleOf(subject, show) : null
  progress.clear()
  if (schedule && !flags.json) process.stdout.write(`\n${renderSchedule(target.name, schedule, colours)}`)
  if (flags.svg !== undefined && schedule?.found) {
    write(flags.svg, renderSvg(shownOf(schedule.sought, schedule.found.outcome), ROUTER_SPEECH))
  }
  if (flags.json) {
    const explanation = { name: target.name, stall: live, obstacle, schedule: schedule && withLog(schedule) }
    process.stdout.write(`${JSON.stringify(explanation, null, 2)}\n`)
  }
  process.exitCode = exitCodeOf(live, schedule, subject?.pattern.fails)
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
function withLog({ found, ...schedule }: Schedule): object {
  if (!found) return { ...schedule, found }
  const { outcome, ...rest } = found
  const { violation, waits } = shownOf(schedule.sought, outcome)
  return {
    ...schedule,
    found: {
      ...rest,
      violation: violation ?? null,
      waits,
      log: renderLog(outcome, ROUTER_SPEECH).trimEnd().split('\n'),
    },
  }
}

function exitCodeOf(live: Stall | null, schedule: Schedule | null, fails: readonly string[] = []): number {
  if (schedule?.sought.kind === 'fault') return schedule.found ? EXIT.passed : EXIT.failed
  if (!live) return EXIT.undecided
  return live.after.state === 'paid' || fails.includes('R3.4') ? EXIT.passed : EXIT.failed
}
