import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { WebSocketListener } from '@switchyard/adapters/websocket'
import { portOf } from '@switchyard/core/tcp'

/** A certificate and its key, PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

const FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/chat.css': ['chat.css', 'text/css; charset=utf-8'],
  '/chat.js': ['chat.js', 'text/javascript; charset=utf-8'],
}
const HEADERS = {
  'content-security-policy': "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

/** The page of a chat, and the WebSockets through which it talks. */
export class WebPage implements AsyncDisposable {
  readonly host: string
  readonly #http: Server

  private constructor(http: Server, host: string) {
    this.#http = http
    this.host = host
  }

  /** Settles when it listens; rejects with the system's error. */
  static async listen(host: string, port: number, certificate?: Certificate): Promise<WebPage> {
    const http = certificate ? createTlsServer({ ...certificate }, answer) : createServer(answer)
    const listening = once(http, 'listening')
    http.listen({ host, port })
    await listening
    return new WebPage(http, host)
  }

  get port(): number {
    return portOf(this.#http)
  }

  /** A listener for a pattern, which has to serve it in the same turn. Until it is asked for, WebSockets are refused. */
  webSockets(): WebSocketListener {
    return new WebSocketListener(this.#http, '/chat')
  }

  /** To be called when no connection of the pattern's is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#http, 'close')
    this.#http.close()
    this.#http.closeAllConnections()
    await closed
  }
}

function answer({ method, url = '/' }: IncomingMessage, response: ServerResponse): void {
  const path = url.split('?', 1)[0] ?? '/'
  const file = Object.hasOwn(FILES, path) ? FILES[path] : undefined
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405, 'text/plain', 'Only GET.\n')
  if (!file) return end(response, 404, 'text/plain', `There is no ${path.slice(0, 100)}.\n`)
  const [name, type] = file
  end(response, 200, type, readFileSync(new URL(`../../web/${name}`, import.meta.url)))
}

function end(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
