import { hostAndPort, listen, portOf } from '@switchyard/core/tcp'
import { Argument, Command, Option } from 'commander'
import { addressOf } from '../address.ts'
import type { Address } from '../address.ts'
import { EXIT, Failure, Misuse } from '../exit.ts'
import { Interruption } from '../interruption.ts'
import { Entry, Exit } from '../mux/tunnel.ts'
import { portOption, suggesting } from '../options.ts'
import { known } from '../mutants.ts'
import { NAMES } from '../patterns.ts'

const ENDS = ['entry', 'exit'] as const
type End = (typeof ENDS)[number]
const LOOPBACK = '127.0.0.1'

const EXAMPLES = `
Examples:
  switchyard mux exit --listen 9001 --to 127.0.0.1:80     where the service is
  switchyard mux --listen 9000 --to 192.0.2.7:9001         where its users are: they connect to 127.0.0.1:9000

A tunnel: what comes to the entry goes through one connection, each in a stream of its own, and leaves at the exit. The streams
are yamux, version 0, so that either end may be another program. One that stands still holds no other up.
Nothing is encrypted, and whoever reaches the exit reaches the service: keep it to a network that you trust (--host).
A tunnel that is lost is opened again for the next connection. Ctrl-C ends it.
Exit codes: 0 ended by a signal, 1 can't listen or can't reach the other end, 3 misuse.`

interface MuxFlags {
  readonly listen?: number
  readonly to?: Address
  readonly host: string
  readonly pattern: string
}

export function muxCommand(): Command {
  return new Command('mux')
    .description('A tunnel: many connections through one, each in a stream of its own')
    .addArgument(
      new Argument('[end]', 'entry: its users connect there; exit: it connects to the service')
        .choices(ENDS)
        .default('entry'),
    )
    .addOption(portOption('--listen <port>', 'where connections come; 0 is any free port'))
    .option('--to <host:port>', 'entry: where the exit listens; exit: the service', addressOf)
    .option('--host <address>', 'where to listen; only this machine can reach the default', LOOPBACK)
    .addOption(suggesting(new Option('--pattern <name>', 'what runs the multiplexer'), NAMES).default('reactor'))
    .addHelpText('after', EXAMPLES)
    .action(tunnel)
}

async function tunnel(end: End, { listen: port, to, host, pattern: name }: MuxFlags): Promise<void> {
  if (port === undefined || to === undefined) throw new Misuse('A tunnel needs --listen <port> and --to <host:port>.')
  const { pattern } = known(name)
  const log = (sentence: string): void => void process.stderr.write(`${sentence}\n`)
  using interruption = new Interruption(EXIT.failed)
  await using entry = end === 'entry' ? new Entry(pattern, to, log) : undefined
  await entry?.connected().catch((error: unknown) => {
    throw new Failure(
      `No tunnel to ${hostAndPort(to.host, to.port)} (${codeOf(error)}). To start its other end: switchyard mux exit --listen ${to.port} --to <host:port>`,
      { cause: error },
    )
  })
  const listener = await listen({ host, port }).catch((error: unknown) => {
    throw new Failure(
      `Can't listen on ${hostAndPort(host, port)} (${codeOf(error)}). Choose another port with --listen; 0 is any free one.`,
      {
        cause: error,
      },
    )
  })
  entry?.serve(listener)
  await using exit = end === 'exit' ? new Exit(pattern, listener, to, log) : undefined
  const at = hostAndPort(host, portOf(listener))
  const through = end === 'entry' ? `each through the tunnel to` : 'each stream a connection to'
  process.stdout.write(
    `mux ${end} listens on ${at} (pid ${process.pid}), ${through} ${hostAndPort(to.host, to.port)}\n`,
  )
  const signal = await interruption.asked
  process.stdout.write(`${signal}: shutting down\n`)
  listener.close()
  await exit?.[Symbol.asyncDispose]()
  await entry?.[Symbol.asyncDispose]()
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
