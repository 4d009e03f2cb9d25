import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, createServer as createTlsServer } from 'node:tls'
import { once } from 'node:events'
import { limitsOf, liveClock, Random } from '@switchyard/core'
import type { Suite } from '@switchyard/conformance'
import { MuxListener } from '@switchyard/adapters/mux'
import type { Journal, Listener, Server } from '@switchyard/core'
import { hostAndPort, listen, portOf, roleByAddress } from '@switchyard/core/tcp'
import { Command, Option } from 'commander'
import { addExchangeOptions, HostedExchange } from '../exchange/hosted.ts'
import type { ExchangeFlags } from '../exchange/hosted.ts'
import { EXIT, Failure, Misuse } from '../exit.ts'
import { Interruption } from '../interruption.ts'
import { addLimitOptions, addProtocolOptions, limitsFrom, protocolOptionsFrom, suitesFor } from '../limit-options.ts'
import { journalOf, protocolLogOf } from '../operating/journal.ts'
import { LOG_FORMATS, LOG_LEVELS, loggerFor } from '../operating/log.ts'
import type { LogFormat, LogLevel } from '../operating/log.ts'
import { Listeners, TlsListener } from '../operating/listeners.ts'
import { addNodeOptions, JoinedNode } from '../operating/nodes.ts'
import type { NodeFlags } from '../operating/nodes.ts'
import type { Figures } from '../operating/operated.ts'
import { Output } from '../operating/output.ts'
import { PATHS, StatsServer } from '../operating/stats-server.ts'
import type { Certificate, WebPage } from '../operating/web-page.ts'
import { hostOption, portOption, serversArgument } from '../options.ts'
import { toServe } from '../patterns.ts'
import { protocolOption, suiteOf } from '../protocols.ts'

const DEFAULT_PORT = 7000
const LOOPBACK = '127.0.0.1'
/** Seeds of protocols that draw numbers. */
const SEEDS = 2 ** 32

const EXAMPLES = `
Examples:
  switchyard serve reactor
  switchyard serve reactor --protocol epmd --port 4369
  switchyard serve reactor --protocol chat --web 8080   a chat over TCP, and a page at http://127.0.0.1:8080/
  switchyard serve reactor --over mux            its clients are streams of yamux, many in one connection
  switchyard serve reactor --protocol exchange --journal days --accounts accounts.json   an exchange that loses nothing
  switchyard serve mutex --port 0 --write-deadline-ms 2000
  switchyard serve reactor --nats nats://127.0.0.1:4222 --node 1    one of several nodes
  switchyard serve reactor --protocol nodes      three of them in this process, on a bus that clients may break
  switchyard serve reactor --stats-port 9090     then: curl localhost:9090/stats
  kill -USR2 <pid>                               what it holds, and who waits for whom

With --stats-port it answers GET ${PATHS.join(', ')} over HTTP.
The log is on stderr, a JSON object a line where that is no terminal: connections at debug, limits and shutdowns from info
on, never a message.
Stops on SIGINT, SIGTERM and SIGHUP: delivers what it has read, then ends within --grace-ms. A second signal, a second
later or after that, ends it at once.`

interface ServeFlags extends Record<string, unknown>, NodeFlags, ExchangeFlags {
  readonly protocol: string
  readonly port: number
  readonly host: string
  readonly statsPort?: number
  readonly statsHost?: string
  readonly web?: number
  readonly tlsCert?: string
  readonly tlsKey?: string
  readonly tlsPort?: number
  readonly over?: 'mux'
  readonly logLevel: LogLevel
  readonly logFormat?: LogFormat
}

/** Where something is to listen, as it was asked for. */
interface Place {
  readonly host: string
  readonly port: number
  /** The two options, to say which one to change. */
  readonly flags: { readonly host: string; readonly port: string }
}

/** `typed` is what stands behind it on the command line; absent, it takes whatever might. */
export async function serveCommand(typed?: readonly string[]): Promise<Command> {
  const command = new Command('serve')
    .description('Runs one pattern as a server, until it is told to stop')
    .addArgument(serversArgument('<pattern>', 'what runs'))
    .addOption(protocolOption())
    .addOption(portOption('-p, --port <n>', '0 is any free port').env('SWITCHYARD_PORT').default(DEFAULT_PORT))
    .addOption(
      hostOption('--host <address>', 'where to listen; only this machine can reach the default').default(LOOPBACK),
    )
    .addOption(
      portOption('--stats-port <n>', 'statistics over HTTP; 0 is any free port; default: none').env(
        'SWITCHYARD_STATS_PORT',
      ),
    )
    .addOption(hostOption('--stats-host <address>', `where they are; --host does not change it; default: ${LOOPBACK}`))
    .addOption(
      portOption('--web <port>', 'chat: a page to talk in, at --host; 0 is any free port; default: none').env(
        'SWITCHYARD_WEB',
      ),
    )
    .option('--tls-cert <file>', 'speaks TLS with this certificate (PEM), and --tls-key')
    .option('--tls-key <file>', "the certificate's key (PEM)")
    .addOption(
      portOption('--tls-port <n>', 'TLS here, and no TLS at --port; 0 is any free port; default: TLS at --port').env(
        'SWITCHYARD_TLS_PORT',
      ),
    )
    .addOption(
      new Option(
        '--over <multiplexer>',
        'each connection is a session of yamux, and each of its streams a client',
      ).choices(['mux']),
    )
    .addOption(
      new Option('--log-level <level>', 'the least that is logged')
        .env('SWITCHYARD_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'default: text on a terminal, json elsewhere')
        .env('SWITCHYARD_LOG_FORMAT')
        .choices(LOG_FORMATS),
    )
  addLimitOptions(addExchangeOptions(addNodeOptions(command)))
  const suites = await suitesFor(command, typed)
  return addProtocolOptions(command, suites)
    .addHelpText('after', EXAMPLES)
    .action((name: string, flags: ServeFlags) => serve(name, flags, command, suites))
}

async function serve(name: string, flags: ServeFlags, command: Command, suites: readonly Suite[]): Promise<void> {
  const { pattern } = await toServe(name)
  const suite = await suiteOf(flags.protocol)
  const given = limitsFrom(flags)
  const limits = limitsOf(given)
  const options = protocolOptionsFrom(command, suite, suites)
  const [stdout, stderr] = [new Output(process.stdout), new Output(process.stderr)]
  const logger = loggerFor(stderr, flags.logLevel, flags.logFormat ?? (stderr.isTerminal ? 'text' : 'json'))
  if (flags.nats !== undefined && suite.name !== 'router') {
    throw new Misuse(`--nats joins routers: --protocol ${suite.name} runs on one machine.`)
  }
  if (flags.over !== undefined && flags.nats !== undefined) {
    throw new Misuse('--over mux and --nats exclude each other: nodes are joined by plain connections.')
  }
  if (flags.over !== undefined && flags.web !== undefined) {
    throw new Misuse('--over mux and --web exclude each other: a page speaks WebSocket.')
  }
  await using node = await JoinedNode.join(flags, limits)
  const clock = liveClock
  const warn = (text: string): void => logger.warn({}, text)
  await using exchange = await HostedExchange.open(flags, suite.name, options, () => clock.now(), warn)
  // First the node, the statistics and the page: between the listener and the pattern no turn must pass, or a connection comes to nobody.
  await using stats = await statsFor(flags, suite)
  const certificate = certificateFrom(flags)
  await using page = await pageFor(flags, suite.name, certificate)
  const opened = await open(flags, certificate, stats?.port)
  const { port } = opened
  const listeners = [
    opened.listener,
    ...(opened.tls ? [opened.tls.listener] : []),
    ...(page ? [page.webSockets()] : []),
    ...(node ? [node.links] : []),
  ]
  const incoming = listeners.length > 1 ? new Listeners(listeners) : opened.listener
  await using streams = flags.over === undefined ? undefined : new MuxListener(incoming, { pattern })
  const listener = streams ?? incoming
  let shutDown = (): void => {}
  const asked = new Promise<string>((resolve) => (shutDown = () => resolve('A client')))
  let lost = (_why: string): void => {}
  const numberLost = new Promise<string>((resolve) => (lost = resolve))
  const random = new Random(randomInt(SEEDS))
  const log = protocolLogOf(logger)
  const protocol =
    node?.protocol ?? exchange?.protocol ?? suite.create({ limits, options, random, port, shutDown, log })
  const journal = streams ? namingStreams(journalOf(logger), streams) : journalOf(logger)
  const own = node ? { ...node.limits, firstId: node.firstId } : {}
  const served = suite.servedBy?.(pattern) ?? pattern
  const server = served.serve(protocol, listener, { ...given, journal, clock, ...own, ...exchange?.commit })
  using interruption = new Interruption(EXIT.failed)
  let state: 'serving' | 'shutting-down' = 'serving'
  const linesDropped = (): number => stdout.dropped + stderr.dropped
  const figures = (): Figures =>
    Object.fromEntries((suite.metrics ?? []).map((metric) => [metric.name, metric.read(protocol)]))
  stats?.tell({ pattern: name, limits, server, state: () => state, linesDropped, figures, ...(node && { node }) })
  process.on('SIGUSR2', () => stdout.write(inspect(server, streams)))
  stdout.write(`${name} listens on ${hostAndPort(flags.host, port)} (pid ${process.pid}), for ${reach(flags.host)}\n`)
  if (opened.tls) {
    stdout.write(`TLS at ${hostAndPort(flags.host, opened.tls.port)}, for ${reach(flags.host)}\n`)
  }
  if (stats) {
    const { host: statsHost, port: statsPort } = stats
    stdout.write(`statistics at http://${hostAndPort(statsHost, statsPort)}/, for ${reach(statsHost)}\n`)
  }
  if (node) {
    const { broker, node: number, cluster } = node.status()
    stdout.write(`node ${number} of ${cluster}, joined by ${broker.server}; its ids begin at ${node.firstId}`)
    stdout.write(node.isFirstRun ? ', since nobody knows of an earlier run\n' : '\n')
    node.links.on('broker', (now, url) => logger.warn({ broker: now, url }, 'broker'))
    node.links.once('lost', (error) => {
      process.exitCode = EXIT.failed
      logger.error({ error: error.message }, 'this node may not serve any more')
      lost(`${error.message}; it`)
    })
  }
  if (exchange) stdout.write(`${exchange.words}\n`)
  if (page)
    stdout.write(
      `a page at ${certificate ? 'https' : 'http'}://${hostAndPort(page.host, page.port)}/, for ${reach(page.host)}\n`,
    )
  logger.info(
    {
      pattern: name,
      protocol: suite.name,
      host: flags.host,
      port,
      tlsPort: opened.tls?.port,
      statsPort: stats?.port,
      web: page?.port,
      limits,
    },
    'listening',
  )
  const signal = await Promise.race([interruption.asked, asked, numberLost])
  state = 'shutting-down'
  stdout.write(`${signal}: shutting down\n`)
  logger.info({ signal, connections: server.statistics().connections.open }, 'shutting down')
  await node?.links.leave()
  await server.shutdown()
  const { connections, bytesIn, bytesOut, closes } = server.statistics()
  stdout.write(`${connections.accepted} connections served, ${bytesIn} bytes in, ${bytesOut} bytes out\n`)
  logger.info({ connections: connections.accepted, bytesIn, bytesOut, closes }, 'ended')
  const written = await Promise.all([stdout.end(), stderr.end()])
  if (written.includes(false)) process.exit() // Lines that nobody reads would keep it from ending.
}

async function statsFor(
  { statsPort: port, statsHost }: ServeFlags,
  { metrics }: Suite,
): Promise<StatsServer | undefined> {
  if (port === undefined && statsHost !== undefined) {
    throw new Misuse('--stats-host is where statistics are: there are none without --stats-port.')
  }
  if (port === undefined) return undefined
  const host = statsHost ?? LOOPBACK
  return StatsServer.listen(host, port, metrics).catch(
    fail({ host, port, flags: { host: '--stats-host', port: '--stats-port' } }),
  )
}

type At = Pick<ServeFlags, 'host' | 'port'>

interface Opened {
  readonly listener: Listener
  readonly port: number
}

/** One listener, or two: with --tls-port the first one speaks no TLS. Between it and the pattern no turn must pass. */
async function open(
  flags: ServeFlags,
  certificate: Certificate | undefined,
  statsPort: number | undefined,
): Promise<Opened & { readonly tls?: Opened }> {
  const { host, port, tlsPort } = flags
  const failed = fail({ host, port, flags: { host: '--host', port: '--port' } }, statsPort)
  if (tlsPort === undefined) {
    return (certificate ? listenTls(certificate, flags) : listenPlain(flags)).catch(failed)
  }
  if (!certificate) throw new Misuse('--tls-port takes --tls-cert and --tls-key.')
  const tls = await listenTls(certificate, { host, port: tlsPort }).catch(
    fail({ host, port: tlsPort, flags: { host: '--host', port: '--tls-port' } }, statsPort),
  )
  return { ...(await listenPlain(flags).catch(failed)), tls }
}

async function listenPlain({ host, port }: At): Promise<Opened> {
  const listener = await listen({ host, port, roleOf: roleByAddress })
  return { listener, port: portOf(listener) }
}

async function listenTls(certificate: Certificate, { host, port }: At): Promise<Opened> {
  const server = createTlsServer({ ...certificate, allowHalfOpen: true, noDelay: true, keepAlive: true })
  const listening = once(server, 'listening')
  server.listen({ host, port, backlog: 4096 })
  await listening
  return { listener: new TlsListener(server, roleByAddress), port: portOf(server) }
}

async function pageFor(
  { web, host }: ServeFlags,
  protocol: string,
  certificate: Certificate | undefined,
): Promise<WebPage | undefined> {
  if (web === undefined) return undefined
  if (protocol !== 'chat') throw new Misuse(`--web is a page for --protocol chat, not for ${protocol}.`)
  const { WebPage } = await import('../operating/web-page.ts') // Few serve one, and none should wait for WebSockets.
  return WebPage.listen(host, web, certificate).catch(
    fail({ host, port: web, flags: { host: '--host', port: '--web' } }),
  )
}

/** Throws Misuse for one file without the other, and for files that can't be read or are no certificate and key. */
function certificateFrom({ tlsCert, tlsKey }: ServeFlags): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined) throw new Misuse('--tls-cert and --tls-key go together.')
  const certificate = { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) }
  try {
    createSecureContext(certificate)
    return certificate
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Misuse(`--tls-cert ${tlsCert} and --tls-key ${tlsKey} are no certificate and its key: ${why}`)
  }
}

function readPem(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new Misuse(`${flag} ${path} can't be read (${code}): give the path of a PEM file.`)
  }
}

/** Whom an address lets in, as far as the address says. */
function reach(host: string): string {
  const own = host === 'localhost' || host === '::1' || host.startsWith('127.')
  return own ? 'this machine only' : 'whoever can reach this machine'
}

/** So that waits can be told across both levels. */
function namingStreams(journal: Journal, streams: MuxListener): Journal {
  return {
    ...journal,
    opened(client, stream) {
      streams.named(client, stream)
      journal.opened?.(client, stream)
    },
  }
}

function inspect(server: Server, streams: MuxListener | undefined): string {
  const { lastCloses, ...statistics } = server.statistics()
  const recent = lastCloses.slice(-10)
  return `${JSON.stringify({ ...statistics, recentCloses: recent }, null, 2)}\n${streams?.render(server.waits) ?? server.waits.render()}\n`
}

/** `ownPort` is one that this process listens on already. */
function fail(place: Place, ownPort?: number): (error: unknown) => never {
  return (error) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EADDRINUSE' && place.port === ownPort) {
      throw new Misuse(`--port and --stats-port are both ${ownPort}: choose two; 0 is any free one.`)
    }
    throw new Failure(whyNot(error, code, place), { cause: error })
  }
}

function whyNot(error: unknown, code: unknown, { host, port, flags }: Place): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another program. Choose one with ${flags.port}; 0 is any free one.`
    case 'EACCES':
      return `Port ${port} on ${host} is not allowed to this user. Choose one from 1024 on with ${flags.port}.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}". Choose one with ${flags.host}; ${LOOPBACK} is always there.`
    default:
      return `Can't listen on ${hostAndPort(host, port)}: ${String(error)}`
  }
}
