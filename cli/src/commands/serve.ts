import { limitsOf } from '@switchyard/core'
import type { Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Router } from '@switchyard/protocols/router'
import { Argument, Command, Option } from 'commander'
import { EXIT, Failure } from '../exit.ts'
import { addLimitOptions, limitsFrom } from '../limit-options.ts'
import { portNumber } from '../numbers.ts'
import { journalOf } from '../operating/journal.ts'
import { Log, LOG_LEVELS } from '../operating/log.ts'
import type { LogLevel } from '../operating/log.ts'
import { PATHS, StatsServer } from '../operating/stats-server.ts'
import { known, NAMES } from '../patterns.ts'

const DEFAULT_PORT = 7000
const LOOPBACK = '127.0.0.1'

const EXAMPLES = `
Examples:
  switchyard serve reactor
  switchyard serve mutex --port 0 --write-deadline-ms 2000
  switchyard serve reactor --stats-port 9090     then: curl localhost:9090/stats
  kill -USR2 <pid>                               what it holds, and who waits for whom

With --stats-port it answers GET ${PATHS.join(', ')} over HTTP.
The log is on stderr, a JSON object a line: connections at debug, limits and shutdowns from info on, never a message.
Stops on SIGINT and SIGTERM: delivers what it has read, then ends within --grace-ms. A second signal ends it at once.`

interface ServeFlags extends Record<string, unknown> {
  readonly port: number
  readonly host: string
  readonly statsPort?: number
  readonly statsHost: string
  readonly logLevel: LogLevel
}

/** Where something is to listen, as it was asked for. */
interface Place {
  readonly host: string
  readonly port: number
  /** The two options, to say which one to change. */
  readonly flags: { readonly host: string; readonly port: string }
}

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('Runs one pattern as a server, until it is told to stop')
    .addArgument(new Argument('<pattern>', `one of ${NAMES.join(', ')}`))
    .addOption(
      new Option('-p, --port <n>', '0 is any free port')
        .env('SWITCHYARD_PORT')
        .default(DEFAULT_PORT)
        .argParser((text) => portNumber('--port', text)),
    )
    .option('--host <address>', 'where to listen; only this machine can reach the default', LOOPBACK)
    .addOption(
      new Option('--stats-port <n>', 'statistics over HTTP; 0 is any free port; default: none')
        .env('SWITCHYARD_STATS_PORT')
        .argParser((text) => portNumber('--stats-port', text)),
    )
    .option('--stats-host <address>', 'where they are; --host does not change it', LOOPBACK)
    .addOption(
      new Option('--log-level <level>', 'the least that is logged')
        .env('SWITCHYARD_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('info'),
    )
  return addLimitOptions(command).addHelpText('after', EXAMPLES).action(serve)
}

async function serve(name: string, flags: ServeFlags): Promise<void> {
  const { pattern } = known(name)
  const given = limitsFrom(flags)
  const limits = limitsOf(given)
  const log = new Log(flags.logLevel)
  const { logger } = log
  const place = { host: flags.host, port: flags.port, flags: { host: '--host', port: '--port' } }
  // First the statistics: between the listener and the pattern no turn must pass, or a connection comes to nobody.
  await using stats = await statsFor(flags)
  const listener = await listen(flags).catch(fail(place))
  const server = pattern.serve(new Router(limits), listener, { ...given, journal: journalOf(logger) })
  let state: 'serving' | 'shutting-down' = 'serving'
  stats?.tell({ pattern: name, limits, server, state: () => state, linesDropped: () => log.dropped })
  process.on('SIGUSR2', () => process.stdout.write(inspect(server)))
  const stopped = stopSignal()
  const port = portOf(listener)
  process.stdout.write(`${name} listens on ${flags.host}:${port} (pid ${process.pid}), for ${reach(flags.host)}\n`)
  if (stats) {
    const at = `http://${flags.statsHost}:${stats.port}/`
    process.stdout.write(`statistics at ${at}, for ${reach(flags.statsHost)}\n`)
  }
  logger.info({ pattern: name, host: flags.host, port, statsPort: stats?.port, limits }, 'listening')
  const signal = await stopped
  state = 'shutting-down'
  process.stdout.write(`${signal}: shutting down\n`)
  logger.info({ signal, connections: server.statistics().connections.open }, 'shutting down')
  await server.shutdown()
  const { connections, bytesIn, bytesOut, closes } = server.statistics()
  process.stdout.write(`${connections.accepted} connections served, ${bytesIn} bytes in, ${bytesOut} bytes out\n`)
  logger.info({ connections: connections.accepted, bytesIn, bytesOut, closes }, 'ended')
  if (!(await log.end())) process.exit() // Lines that nobody reads would keep it from ending.
}

async function statsFor({ statsPort, statsHost }: ServeFlags): Promise<StatsServer | undefined> {
  if (statsPort === undefined) return undefined
  const place = { host: statsHost, port: statsPort, flags: { host: '--stats-host', port: '--stats-port' } }
  return StatsServer.listen(statsHost, statsPort).catch(fail(place))
}

/** Whom an address lets in, as far as the address says. */
function reach(host: string): string {
  const own = host === 'localhost' || host === '::1' || host.startsWith('127.')
  return own ? 'this machine only' : 'whoever can reach this machine'
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

function fail(place: Place): (error: unknown) => never {
  return (error) => {
    throw new Failure(whyNot(error, place), { cause: error })
  }
}

function whyNot(error: unknown, { host, port, flags }: Place): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Choose one with ${flags.port}; 0 is any free one.`
    case 'EACCES':
      return `Port ${port} on ${host} is not allowed to this user. Choose one from 1024 on with ${flags.port}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}". Choose one with ${flags.host}; ${LOOPBACK} is always there.`
    default:
      return `Can't listen on ${host}:${port}: ${String(error)}`
  }
}
