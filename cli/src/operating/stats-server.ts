import { createServer } from 'node:http'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { isIP } from 'node:net'
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import type { MetricSpec } from '@switchyard/conformance'
import { portOf } from '@switchyard/core/tcp'
import type { Metrics } from './metrics.ts'
import { observe } from './operated.ts'
import type { Operated, Told } from './operated.ts'

/** At a time. One more ends the oldest, so that silent connections keep nobody out. */
const CONNECTIONS_MAX = 8
/** A connection's whole life, ms: that of one request, which comes and is answered and read within it, or never is. */
const CONNECTION_MS = 5_000
/** The most of a text that grows with the number of clients, UTF-16 units. */
const TEXT_MAX = 64 * 1024

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

type Route = (operated: Operated, told: Told, metrics: Metrics) => Answer | Promise<Answer>

const ROUTES: Readonly<Record<string, Route>> = {
  '/': stats,
  '/stats': stats,
  '/metrics': async (operated, told, metrics) => ({
    status: 200,
    type: metrics.contentType,
    body: await metrics.render(observe(operated, told)),
  }),
  '/health': ({ state, node }) => {
    const healthy = state() === 'serving' && node?.healthy !== false
    return json({ state: state(), ...(node && { linked: node.healthy }) }, healthy ? 200 : 503)
  },
  '/nodes': ({ node }) =>
    node ? json(node.status()) : text('It is a server of its own: serve --nats joins it to others.\n', 404),
  '/closes': ({ server }) => json(server.statistics().lastCloses),
  '/waits': ({ server }) => text(`${server.waits.render().slice(0, TEXT_MAX)}\n`),
}

/** The paths that it answers, for help and errors. */
export const PATHS: readonly string[] = Object.keys(ROUTES)

/**
 * Tells about a server over HTTP: for people, health checks and Prometheus. It changes nothing, and shares the server's
 * thread, so that what a stranger can make it do is bounded: a request for each connection, few connections, each short.
 */
export class StatsServer implements AsyncDisposable {
  /** As it was given. */
  readonly host: string
  readonly #http: HttpServer
  readonly #metrics: Metrics
  /** Names that a request may call this server by, beside addresses. */
  readonly #names: ReadonlySet<string>
  /** Oldest first. */
  readonly #open = new Set<Socket>()
  readonly #asked = new WeakSet<Socket>()
  readonly #told = { requests: new Map<number, number>(), seconds: 0, cutShort: 0 }
  #operated: Operated | undefined

  private constructor(http: HttpServer, host: string, metrics: Metrics) {
    this.host = host
    this.#http = http
    this.#metrics = metrics
    this.#names = new Set(['localhost', host.toLowerCase(), hostname().toLowerCase()])
    http.on('connection', (socket) => this.#admit(socket))
    http.on('request', (request, response) => void this.#take(request, response))
    http.on('error', () => {}) // Out of descriptors, say: the scraper will ask again.
  }

  /** `metrics` are the protocol's own. Rejects with the operating system's error (EADDRINUSE, EACCES). Until `tell`, it answers that the server starts. */
  static async listen(host: string, port: number, metrics: readonly MetricSpec[] = []): Promise<StatsServer> {
    const { Metrics } = await import('./metrics.ts') // A server without statistics should not wait for it.
    const http = createServer()
    http.listen({ host, port })
    await once(http, 'listening')
    return new StatsServer(http, host, new Metrics(metrics))
  }

  get port(): number {
    return portOf(this.#http)
  }

  tell(operated: Operated): void {
    this.#operated = operated
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.close()
    this.#http.closeAllConnections()
  }

  #admit(socket: Socket): void {
    const [oldest] = this.#open
    if (oldest && this.#open.size === CONNECTIONS_MAX) this.#cut(oldest)
    this.#open.add(socket)
    const timer = setTimeout(() => this.#cut(socket), CONNECTION_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#open.delete(socket)
    })
  }

  #cut(socket: Socket): void {
    this.#told.cutShort++
    this.#open.delete(socket)
    socket.destroy()
  }

  /** The first request of its connection; pipelined ones stay unanswered, as HTTP has it for a connection that closes. */
  async #take({ method, url = '/', headers, socket }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#asked.has(socket)) return
    this.#asked.add(socket)
    socket.pause()
    const beganAt = performance.now()
    const { path, host } = targetOf(url, headers.host)
    const { status, type, body, ...answer } = await this.#answerTo(method, path, host)
    const bytes = Buffer.from(body)
    this.#told.requests.set(status, (this.#told.requests.get(status) ?? 0) + 1)
    this.#told.seconds += (performance.now() - beganAt) / 1_000
    const own = {
      'content-type': type,
      'content-length': bytes.length,
      'cache-control': 'no-store',
      connection: 'close',
    }
    response.writeHead(status, { ...own, ...answer.headers })
    response.end(method === 'HEAD' ? undefined : bytes)
  }

  async #answerTo(method: string | undefined, path: string, host: string | undefined): Promise<Answer> {
    if (!this.#isCalled(host)) {
      return text(`This is not ${host}. Ask by address, or as the host of --stats-host.\n`, 421)
    }
    if (method !== 'GET' && method !== 'HEAD') {
      return { ...text('Only GET: nothing can be changed here.\n', 405), headers: { allow: 'GET, HEAD' } }
    }
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
    if (!route) return text(`There is no ${path.slice(0, 100)}. There are: ${PATHS.join(', ')}\n`, 404)
    if (!this.#operated) return json({ state: 'starting' }, 503)
    try {
      return await route(this.#operated, this.#told, this.#metrics)
    } catch (error) {
      return text(`${String(error)}\n`, 500)
    }
  }

  /** A page in a browser can make any name point to this machine, but no address (DNS rebinding). */
  #isCalled(host: string | undefined): boolean {
    if (host === undefined) return true
    const name = host
      .replace(/\.?(?::\d+)?$/, '') // A dot at the end is that of a full name.
      .replaceAll(/^\[|\]$/g, '')
      .toLowerCase()
    return isIP(name) !== 0 || this.#names.has(name)
  }
}

/** What a request is about. A client that asks through a proxy may name the whole URL; then it is that whose host counts (RFC 9112, 3.2.2). */
function targetOf(url: string, host: string | undefined): { readonly path: string; readonly host: string | undefined } {
  const [, authority = host, pathAndQuery = url] = /^http:\/\/([^/?#]*)(.*)$/i.exec(url) ?? []
  const [path = ''] = pathAndQuery.split('?', 1)
  return { path: path === '' ? '/' : path, host: authority }
}

function stats(operated: Operated, told: Told): Answer {
  return json(observe(operated, told))
}

function json(value: unknown, status = 200): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value, null, 2)}\n` }
}

function text(body: string, status = 200): Answer {
  return { status, type: 'text/plain; charset=utf-8', body }
}
