import { limitsOf } from '@switchyard/core'
import type { Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Router } from '@switchyard/router'
import { Argument, Command, Option } from 'commander'
import { EXIT, Failure, Misuse } from '../exit.ts'
import { addLimitOptions, limitsFrom } from '../limit-options.ts'
import { known, NAMES } from '../patterns.ts'

const DEFAULT_PORT = 7000

const EXAMPLES = `
Examples:
  switchyard serve reactor
  switchyard serve mutex --port 0 --write-deadline-ms 2000
  kill -USR2 <pid>    what it holds, and who waits for whom

Stops on SIGINT and SIGTERM: delivers what it has read, then ends within --grace-ms. A second signal ends it at once.`

interface ServeFlags extends Record<string, unknown> {
  readonly port: number
  readonly host: string
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Runs one pattern as a server, until it is told to stop')
    .addArgument(new Argument('<pattern>', `one of ${NAMES.join(', ')}`))
    .addOption(
      new Option('-p, --port <n>', '0 is any free port')
        .env('SWITCHYARD_PORT')
        .default(DEFAULT_PORT)
        .argParser(portFrom),
    )
    .option('--host <address>', 'where to listen; only this machine can reach the default', '127.0.0.1')
  return addLimitOptions(command).addHelpText('after', EXAMPLES).action(serve)
}

async function serve(name: string, flags: ServeFlags): Promise<void> {
  const { pattern } = known(name)
  const limits = limitsFrom(flags)
  const router = new Router(limitsOf(limits))
  const listener = await listen(flags).catch((error: unknown) => {
    throw new Failure(whyNot(error, flags))
  })
  const server = pattern.serve(router, listener, limits)
  process.on('SIGUSR2', () => process.stdout.write(inspect(server)))
  const stopped = stopSignal()
  process.stdout.write(`${name} listens on ${flags.host}:${portOf(listener)} (pid ${process.pid})\n`)
  const signal = await stopped
  process.stdout.write(`${signal}: shutting down\n`)
  await server.shutdown()
  const { connections, bytesIn, bytesOut } = server.statistics()
  process.stdout.write(`${connections.accepted} connections served, ${bytesIn} bytes in, ${bytesOut} bytes out\n`)
}

/** The first signal that asks to stop; the second one does not ask. */
function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.off('SIGINT', stop).off('SIGTERM', stop)
      process.on('SIGINT', giveUp).on('SIGTERM', giveUp)
      resolve(signal)
    }
    process.on('SIGINT', stop).on('SIGTERM', stop)
  })
}

function giveUp(): never {
  process.exit(EXIT.failed)
}

function inspect(server: Server): string {
  const { lastCloses, ...statistics } = server.statistics()
  const recent = lastCloses.slice(-10)
  return `${JSON.stringify({ ...statistics, recentCloses: recent }, null, 2)}\n${server.waits.render()}\n`
}

function portFrom(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port
  throw new Misuse(`--port is "${text}": it must be a whole number from 0 to 65535.`)
}

function whyNot(error: unknown, { host, port }: ServeFlags): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Choose one with --port; 0 is any free one.`
    case 'EACCES':
      return `Port ${port} on ${host} is not allowed to this user. Choose one from 1024 on with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}". Choose one with --host; 127.0.0.1 is always there.`
    default:
      return `Can't listen on ${host}:${port}: ${String(error)}`
  }
}
