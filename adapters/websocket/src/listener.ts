import { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { READ_BYTES } from '@switchyard/core'
import type { Listener, Role } from '@switchyard/core'
import { WebSocketServer } from 'ws'
import { WebSocketStream } from './stream.ts'

interface Events {
  connection: [stream: Duplex]
  error: [error: Error]
}

/**
 * A listener for the WebSockets that reach an HTTP server on one path. Closing it leaves that server open: it is the
 * caller's. Messages have at most 64 KiB.
 *
 * A browser says which page asks (`Origin`), and lets any page ask any server: only this server's own pages are let in, or
 * every page that somebody looks at could talk in their name. Programs that are no browser send no origin.
 */
export class WebSocketListener extends EventEmitter<Events> implements Listener {
  readonly #http: Server
  readonly #path: string
  readonly #webSockets = new WebSocketServer({ noServer: true, maxPayload: READ_BYTES, perMessageDeflate: false })

  constructor(http: Server, path: string) {
    super()
    this.#http = http
    this.#path = path
    http.on('upgrade', this.#upgrade)
    http.on('error', this.#failed)
  }

  roleOf(): Role {
    return 'web'
  }

  close(): void {
    this.#http.off('upgrade', this.#upgrade)
    this.#http.off('error', this.#failed)
  }

  readonly #upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (request.url !== this.#path) return refuse(socket, '404 Not Found')
    if (!isOwn(request)) return refuse(socket, '403 Forbidden')
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.emit('connection', new WebSocketStream(webSocket, socket))
    })
  }

  readonly #failed = (error: Error): void => {
    this.emit('error', error)
  }
}

function isOwn({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {}) // It is gone before it has read the answer.
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
