import { closeSync, readFileSync } from 'node:fs'
import { isatty } from 'node:tty'
import { UnsupportedSteps } from '@switchyard/core'
import { Command, CommanderError } from 'commander'
import { EXIT, Failure, Misuse, Undecided } from './exit.ts'

const ABOUT = `
Exit codes: ${EXIT.passed} passed, ${EXIT.failed} failed, ${EXIT.undecided} undecided (nothing there to judge), ${EXIT.misuse} misuse.
Colours follow NO_COLOR and the terminal.

Examples:
  switchyard compare                                      five patterns side by side, in a minute or two
  switchyard verify mutex                                 one of them, clause by clause
  switchyard verify --exec 'python3 my_server.py {port}'  your own server, in any language
  switchyard serve reactor --port 7000                    one of them, to play with
  switchyard chat                                         to talk in a chat that runs: serve reactor --protocol chat
  switchyard explain mutex                                who waits for whom when one client does not read, and how it comes
  switchyard stress mutex                                 what it promises and what it pays, measured
  switchyard bench                                        them measured, with a report, within five minutes
  switchyard explore mutex                                one of them under every order of events that chance brings`

const { version: own }: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)
const version = `switchyard ${own}, Node ${process.versions.node}, ${process.platform} ${process.arch}`

/** Makes a command; `typed` is what stands behind its name, if it is the only one. */
type Load = (typed?: readonly string[]) => Promise<Command>

/** In the order of the help. */
const COMMANDS: ReadonlyMap<string, Load> = new Map<string, Load>([
  ['compare', async () => (await import('./commands/compare.ts')).compareCommand()],
  ['bench', async () => (await import('./commands/bench.ts')).benchCommand()],
  ['fan-out', async () => (await import('./commands/fan-out.ts')).fanOutCommand()],
  ['report', async () => (await import('./commands/report.ts')).reportCommand()],
  ['diff', async () => (await import('./commands/diff.ts')).diffCommand()],
  ['verify', async () => (await import('./commands/verify.ts')).verifyCommand()],
  ['serve', async (typed) => (await import('./commands/serve.ts')).serveCommand(typed)],
  ['chat', async () => (await import('./commands/chat.ts')).chatCommand()],
  ['bots', async () => (await import('./commands/bots.ts')).botsCommand()],
  ['mux', async () => (await import('./commands/mux.ts')).muxCommand()],
  ['trade', async () => (await import('./commands/trade.ts')).tradeCommand()],
  ['flow', async () => (await import('./commands/flow.ts')).flowCommand()],
  ['account', async () => (await import('./commands/account.ts')).accountCommand()],
  ['replay-journal', async () => (await import('./commands/replay-journal.ts')).replayJournalCommand()],
  ['stress', async () => (await import('./commands/stress.ts')).stressCommand()],
  ['explain', async () => (await import('./commands/explain.ts')).explainCommand()],
  ['explore', async () => (await import('./commands/explore.ts')).exploreCommand()],
  ['faults', async () => (await import('./commands/faults.ts')).faultsCommand()],
  ['abuse', async () => (await import('./commands/abuse.ts')).abuseCommand()],
  ['nemesis', async () => (await import('./commands/nemesis.ts')).nemesisCommand()],
  ['nodes', async () => (await import('./commands/nodes.ts')).nodesCommand()],
  ['replay', async () => (await import('./commands/replay.ts')).replayCommand()],
  ['completion', async () => (await import('./commands/completion.ts')).completionCommand()],
])

const program = new Command('switchyard')
  .description('Five ways to share mutable state in a concurrent server: run, judged and measured on one protocol')
  .version(version, '--version', 'the version of switchyard, Node and the system')
  .addHelpText('after', ABOUT)
for (const command of await commandsFor(process.argv[2])) program.addCommand(command)
throwInsteadOfExiting(program)
// A variable that is empty, as compose files leave it, says nothing.
for (const [name, value] of Object.entries(process.env)) {
  if (name.startsWith('SWITCHYARD_') && value === '') delete process.env[name]
}

// A process that began on a terminal that is gone is aborted by Node at its end, unless it has closed the descriptor.
const terminals = [0, 1, 2].filter(isatty)
process.on('exit', () => terminals.filter((descriptor) => !isatty(descriptor)).forEach(closeSync))
process.stdout.on('error', outputFailed)
process.stderr.on('error', () => {}) // There is no other place to say so.

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = exitCodeOf(error)
}

/** A command that is named is loaded alone: a server should not wait for what a benchmark needs. The help and the completions name all. */
async function commandsFor(name = ''): Promise<Command[]> {
  if (name === '--version') return []
  const named = name === 'completion' ? undefined : COMMANDS.get(name)
  return Promise.all(named ? [named(process.argv.slice(3))] : Array.from(COMMANDS.values(), (load) => load()))
}

/** If whoever read it has gone (`... | head`), the exit code still says how it came out; if what it printed is lost, that it failed. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return
  process.stdout.removeAllListeners('error').on('error', () => {})
  process.stderr.write(`Can't write to stdout: ${error.message}.\n`)
  process.once('exit', () => (process.exitCode = EXIT.failed))
}

/** Commander ends the process by itself otherwise, with codes of its own. */
function throwInsteadOfExiting(command: Command): void {
  command.exitOverride().showHelpAfterError('(add --help for all options)')
  for (const child of command.commands) throwInsteadOfExiting(child)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.misuse
  if (error instanceof Misuse || error instanceof Failure || error instanceof Undecided) {
    process.stderr.write(`${error.message}\n`)
    if (error instanceof Undecided) return EXIT.undecided
    return error instanceof Misuse ? EXIT.misuse : EXIT.failed
  }
  if (error instanceof UnsupportedSteps) {
    process.stderr.write(`That server can't run that protocol: ${error.message}.\n`)
    return EXIT.misuse
  }
  throw error
}
