import { address, command, inProcess, verify } from '@switchyard/shared-tests'
import type { Profile, Report, Target } from '@switchyard/shared-tests'
import { Argument, Command, Option } from 'commander'
import { coloursFor } from '../colours.ts'
import { EXIT, Misuse } from '../exit.ts'
import { known, NAMES, PATTERNS } from '../patterns.ts'
import { Progress } from '../progress.ts'
import { renderReport } from '../verdicts.ts'

const EXAMPLES = `
Examples:
  switchyard verify                                  the five patterns
  switchyard verify mutex reactor                    two of them
  switchyard verify --exec './my-server {port}'      a server that the command starts for each set of limits:
                                                     {port} and SWITCHYARD_PORT say where to listen, every limit is a
                                                     variable such as SWITCHYARD_MESSAGE_BYTES_MAX
  switchyard verify --connect 127.0.0.1:7000         a server that runs already; its limits can't be chosen
  switchyard verify --exec '...' --profile basic     only what a server keeps that promises no more than to route

Exit codes: 0 passed, 1 failed, 2 undecided (no server there), 3 misuse.`

interface VerifyFlags {
  readonly connect?: string
  readonly exec?: string
  readonly profile: Profile
  readonly json?: true
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('Judges servers by the conformance suite, clause by clause, over real TCP')
    .addArgument(new Argument('[pattern...]', `any of ${NAMES.join(', ')}; default: the five`))
    .option('--connect <host:port>', 'a server that runs already')
    .option('--exec <command>', "a server to start: 'cmd {port}'")
    .addOption(new Option('--profile <name>', 'what it has to keep').choices(['full', 'basic']).default('full'))
    .option('--json', 'the report as JSON, one object for each target in an array')
    .addHelpText('after', EXAMPLES)
    .action(run)
}

async function run(names: readonly string[], flags: VerifyFlags): Promise<void> {
  const progress = new Progress()
  const reports: Report[] = []
  for (const target of targetsOf(names, flags)) {
    await using judged = target
    const report = await verify(judged, {
      profile: flags.profile,
      onProgress: ({ clause, case: name }, done, total) =>
        progress.show(`${judged.name}: ${done}/${total} ${clause} ${name}`),
    })
    progress.clear()
    reports.push(report)
    if (!flags.json) process.stdout.write(`${renderReport(report, coloursFor(process.stdout))}\n`)
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(reports, null, 2)}\n`)
  process.exitCode = exitCodeOf(reports)
}

function targetsOf(names: readonly string[], { connect, exec }: VerifyFlags): Target[] {
  if ([names.length > 0, connect !== undefined, exec !== undefined].filter(Boolean).length > 1) {
    throw new Misuse('Judge either patterns by name, or one server by --connect, or one by --exec.')
  }
  if (connect !== undefined) return [targetAt(connect)]
  if (exec !== undefined) return [targetOf(exec)]
  const chosen = names.length > 0 ? names.map(known) : PATTERNS
  return chosen.map(({ pattern }) => inProcess(pattern))
}

function targetAt(text: string): Target {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || !(Number(port) >= 1 && Number(port) <= 65_535)) {
    throw new Misuse(`--connect is "${text}": it must be host:port, such as 127.0.0.1:7000.`)
  }
  return address(host.replaceAll(/^\[|\]$/g, ''), Number(port))
}

function targetOf(line: string): Target {
  if (line.trim() === '') throw new Misuse("--exec is empty: it must be a command, such as './my-server {port}'.")
  return command(line)
}

function exitCodeOf(reports: readonly Report[]): number {
  if (reports.some(({ overall }) => overall === 'failed')) return EXIT.failed
  if (reports.some(({ overall }) => overall === 'undecided')) return EXIT.undecided
  return EXIT.passed
}
