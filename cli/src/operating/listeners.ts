import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Listener, Role } from '@switchyard/core'
import type { Server as TlsServer } from 'node:tls'

interface Events {
  connection: [stream: Duplex]
  error: [error: Error]
}

/** Several listeners as one: a pattern serves what any of them brings. */
export class Listeners extends EventEmitter<Events> implements Listener {
  readonly #all: readonly Listener[]
  /** Who has brought which connection. */
  readonly #of = new WeakMap<Duplex, Listener>()

  constructor(all: readonly Listener[]) {
    super()
    this.#all = all
    for (const listener of all) {
      listener.on('connection', (socket) => {
        this.#of.set(socket, listener)
        this.emit('connection', socket)
      })
      listener.on('error', (error) => this.emit('error', error))
    }
  }

  roleOf(socket: Duplex): Role {
    return this.#of.get(socket)?.roleOf?.(socket) ?? 'client'
  }

  close(): void {
    for (const listener of this.#all) listener.close()
  }

  /** Whoever has not brought it leaves it alone. */
  recycle(chunk: Uint8Array): void {
    for (const listener of this.#all) listener.recycle?.(chunk)
  }

  gather(socket: Duplex): void {
    this.#of.get(socket)?.gather?.(socket)
  }

  async untaken(socket: Duplex): Promise<number | undefined> {
    return this.#of.get(socket)?.untaken?.(socket)
  }
}

/** The connections of a TLS server, each once its handshake is over; those that fail it are nobody's. */
export class TlsListener extends EventEmitter<Events> implements Listener {
  readonly #server: TlsServer
  readonly roleOf: (socket: Duplex) => Role

  constructor(server: TlsServer, roleOf: (socket: Duplex) => Role) {
    super()
    this.#server = server
    this.roleOf = roleOf
    server.on('secureConnection', (socket) => {
      if (!this.emit('connection', socket)) socket.destroy() // Nothing serves yet.
    })
    server.on('error', (error) => this.emit('error', error))
  }

  close(): void {
    this.#server.close()
  }
}
