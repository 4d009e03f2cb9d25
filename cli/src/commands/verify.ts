import { inProcess, verify } from '@switchyard/conformance'
import type { Case, Profile, Suite, Target } from '@switchyard/conformance'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { Command, Option } from 'commander'
import { distance } from 'fastest-levenshtein'
import { coloursFor } from '../colours.ts'
import { EXIT, Misuse } from '../exit.ts'
import { expecting } from '@switchyard/conformance/expectations'
import type { ExpectedReport } from '@switchyard/conformance/expectations'
import { expectationsFrom } from '../expectations.ts'
import { runningAt, startedBy } from '../foreign.ts'
import { checkWritable, write } from '../files.ts'
import { interruptible } from '../interruption.ts'
import { serversArgument, wholeNumberOption } from '../options.ts'
import { known } from '../mutants.ts'
import { PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { protocolOption, suiteOf } from '../protocols.ts'
import { renderHtml, renderJson, renderJunit, renderReport } from '@switchyard/conformance/reports'

const REPEAT_MAX = 10_000

const EXAMPLES = `
Examples:
  switchyard verify                                  the five patterns
  switchyard verify mutex reactor                    two of them
  switchyard verify --exec './my-server {port}'      a server that the command starts for each set of limits:
                                                     {port} and SWITCHYARD_PORT say where to listen, every limit is a
                                                     variable such as SWITCHYARD_MESSAGE_BYTES_MAX
  switchyard verify --connect 127.0.0.1:7000         a server that runs already; its limits can't be chosen
  switchyard verify --exec '...' --profile basic     only what a server keeps that promises no more than to route
  switchyard verify --exec '...' --case R1.5         only the cases of a clause, or one by its id
  switchyard verify --exec '...' --html report.html  what to mend, the matrix, and each case with its wire log
  switchyard verify --exec '...' --repeat 20         how often each case fails, with a 95 % interval
  switchyard verify --exec '...' --expect known.json what is known to fail is no failure; what has begun to pass is:
    { "expectations": [{ "clause": "R5.3", "expect": "fail", "reason": "no write deadline yet" }] }

Exit codes: 0 passed, 1 failed, 2 undecided (no server there), or interrupted, 3 misuse.`

interface VerifyFlags {
  readonly protocol: string
  readonly connect?: string
  readonly exec?: string
  readonly profile: Profile
  readonly case?: readonly string[]
  readonly expect?: string
  readonly repeat: number
  readonly all?: true
  readonly json?: true
  readonly junit?: string
  readonly html?: string
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Judges servers by the conformance suite, clause by clause, over real TCP')
    .addArgument(serversArgument('[pattern...]', 'default: the five'))
    .addOption(protocolOption())
    .option('--connect <host:port>', 'a server that runs already')
    .option('--exec <command>', "a server to start: 'cmd {port}'")
    .addOption(new Option('--profile <name>', 'what it has to keep').choices(['full', 'basic']).default('full'))
    .option('--case <id...>', 'only these cases, by their ids, or all cases of these clauses')
    .option('--expect <file>', 'what is known to fail or to be flaky, and why (JSON)')
    .addOption(wholeNumberOption('--repeat <n>', 'how often each case is run', [1, REPEAT_MAX]).default(1))
    .option('--all', 'print every failure, not one for each cause')
    .option('--json', 'the report as JSON, one object for each target in an array')
    .option('--junit <file>', 'write the report as JUnit XML too')
    .option('--html <file>', 'write the report as one HTML page too, with wire logs')
    .addHelpText('after', EXAMPLES)
    .action(interruptible(run))
}

async function run(signal: AbortSignal, names: readonly string[], flags: VerifyFlags): Promise<void> {
  const suite = await suiteOf(flags.protocol)
  const targets = targetsOf(suite, names, flags)
  if (flags.expect !== undefined && targets.length !== 1) {
    throw new Misuse('--expect is about one server: name one pattern, or use --exec or --connect.')
  }
  const expectations = flags.expect === undefined ? [] : expectationsFrom(suite, flags.expect)
  checkWritable(flags.junit, flags.html)

  const reports: ExpectedReport[] = []
  for (const target of targets) {
    const report = expecting(await judge(suite, target, flags, signal), expectations)
    reports.push(report)
    if (!flags.json) {
      const explain = explainCommandFor(target, flags)
      const options = { colours: coloursFor(process.stdout), all: flags.all === true, ...(explain && { explain }) }
      process.stdout.write(`${renderReport(report, options)}\n`)
    }
    if (signal.aborted) break
  }
  if (flags.json) process.stdout.write(renderJson(reports))
  if (flags.junit !== undefined) write(flags.junit, renderJunit(reports))
  if (flags.html !== undefined) {
    const made = `switchyard ${process.argv.slice(2).join(' ')}`
    write(flags.html, renderHtml(reports, { at: new Date(), command: made }))
  }
  process.exitCode = exitCodeOf(reports)
}

async function judge(
  suite: Suite,
  target: Target,
  { profile, repeat, case: ids, ...flags }: VerifyFlags,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<typeof verify>>> {
  const progress = new Progress()
  await using judged = target
  try {
    return await verify(suite, judged, {
      profile,
      repeat,
      signal,
      brief: (flags.exec ?? flags.connect) !== undefined && !wantsEveryCase({ repeat, ...flags }),
      ...(ids && { cases: casesNamed(suite, ids) }),
      onProgress: ({ case: id }, done, total) => progress.show(`${judged.name}: ${done}/${total} ${id}`),
    })
  } finally {
    progress.clear()
  }
}

/** `explain` knows the router only. */
function explainCommandFor({ name }: Target, { protocol, connect, exec }: VerifyFlags): string | undefined {
  if (protocol !== ROUTER.name) return undefined
  if (exec !== undefined) return `switchyard explain --exec '${exec.replaceAll("'", String.raw`'\''`)}'`
  return `switchyard explain ${connect === undefined ? name : `--connect ${connect}`}`
}

function wantsEveryCase({ all, repeat, json, junit, html, expect, case: ids }: Omit<VerifyFlags, 'profile'>): boolean {
  return [all, json, junit, html, expect, ids].some((flag) => flag !== undefined) || repeat > 1
}

/** The cases that `--case` names, in the suite's order. Throws Misuse. */
function casesNamed({ cases, clauses }: Suite, ids: readonly string[]): readonly Case[] {
  const all = [...cases.map(({ id }) => id), ...clauses.map(({ id }) => id)]
  for (const id of ids) {
    if (all.includes(id)) continue
    const [nearest = ''] = all.toSorted((a, b) => distance(id, a) - distance(id, b))
    throw new Misuse(`--case: there is no case and no clause "${id}". Did you mean "${nearest}"?`)
  }
  return cases.filter(({ id, clause }) => ids.includes(id) || ids.includes(clause))
}

function targetsOf(suite: Suite, names: readonly string[], { connect, exec }: VerifyFlags): Target[] {
  if ([names.length > 0, connect !== undefined, exec !== undefined].filter(Boolean).length > 1) {
    throw new Misuse('Judge either patterns by name, or one server by --connect, or one by --exec.')
  }
  if (connect !== undefined) return [runningAt(connect)]
  if (exec !== undefined) return [startedBy(exec)]
  const chosen = names.length > 0 ? names.map(known) : PATTERNS
  return chosen.map(({ pattern }) => inProcess(suite, pattern))
}

function exitCodeOf(reports: readonly ExpectedReport[]): number {
  if (reports.some(({ overall }) => overall === 'failed')) return EXIT.failed
  if (reports.some(({ overall }) => overall === 'undecided')) return EXIT.undecided
  return EXIT.passed
}
