import { createServer } from 'node:http'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import { once } from 'node:events'
import { portOf } from '@switchyard/core/tcp'
import { Metrics } from './metrics.ts'
import { observe } from './operated.ts'
import type { Operated } from './operated.ts'

/** So many scrapers at a time; the descriptors are the clients'. */
const CONNECTIONS_MAX = 16
/** How long a request may take to come, ms. */
const REQUEST_MS = 5_000

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

type Route = (operated: Operated, metrics: Metrics) => Answer | Promise<Answer>

const ROUTES: Readonly<Record<string, Route>> = {
  '/': stats,
  '/stats': stats,
  '/metrics': async (operated, metrics) => ({
    status: 200,
    type: metrics.contentType,
    body: await metrics.render(observe(operated)),
  }),
  '/health': ({ state }) => json({ state: state() }, state() === 'serving' ? 200 : 503),
  '/closes': ({ server }) => json(server.statistics().lastCloses),
  '/waits': ({ server }) => text(`${server.waits.render()}\n`),
}

/** The paths that it answers, for help and errors. */
export const PATHS: readonly string[] = Object.keys(ROUTES)

/** Tells about a server over HTTP: for people, health checks and Prometheus. It changes nothing. */
export class StatsServer implements AsyncDisposable {
  readonly #http: HttpServer
  readonly #metrics = new Metrics()
  #operated: Operated | undefined

  private constructor(http: HttpServer) {
    this.#http = http
    http.maxConnections = CONNECTIONS_MAX
    http.on('request', (request, response) => void this.#answer(request, response))
    http.on('error', () => {}) // Out of descriptors, say: the scraper will ask again.
  }

  /** Rejects with the operating system's error (EADDRINUSE, EACCES). Until `tell`, it answers that the server starts. */
  static async listen(host: string, port: number): Promise<StatsServer> {
    const http = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS })
    http.listen({ host, port })
    await once(http, 'listening')
    return new StatsServer(http)
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

  async #answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, type, body } = await this.#answerTo(method, url.split('?', 1)[0] ?? '/')
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
    response.end(method === 'HEAD' ? undefined : body)
  }

  #answerTo(method: string | undefined, path: string): Answer | Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return text('Only GET: nothing can be changed here.\n', 405)
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
    if (!route) return text(`There is no ${path}. There are: ${PATHS.join(', ')}\n`, 404)
    if (!this.#operated) return json({ state: 'starting' }, 503)
    return route(this.#operated, this.#metrics)
  }
}

function stats(operated: Operated): Answer {
  return json(observe(operated))
}

function json(value: unknown, status = 200): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value, null, 2)}\n` }
}

function text(body: string, status = 200): Answer {
  return { status, type: 'text/plain; charset=utf-8', body }
}
