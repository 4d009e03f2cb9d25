import type { Socket } from 'node:net'
import { connectTcp } from '@switchyard/conformance'
import { Client } from '@switchyard/protocols/router/suite'

const HOST = '127.0.0.1'

/** How many connect at the same time: no more than a backlog takes. */
export const AT_ONCE = 100

/** The connections of one abuse. Disposing of it drops them all. */
export class ConnectionPool implements Disposable {
  readonly #port: number
  readonly #sockets = new Set<Socket>()

  constructor(port: number) {
    this.#port = port
  }

  /** A bare connection, of which nothing is read. */
  async socket(): Promise<Socket> {
    const socket = await connectTcp(HOST, this.#port)
    this.#sockets.add(socket)
    socket.on('error', () => {}) // How it ends is asked of `close`.
    socket.on('close', () => void this.#sockets.delete(socket))
    return socket
  }

  /** A client with its id. Rejects if it gets none. */
  async client(name: string): Promise<Client> {
    const client = new Client(name, await this.socket())
    if (await client.admitted()) return client
    throw new Error(`${name} was refused`)
  }

  /** So many of what `make` makes, a hundred at a time. */
  async many<One>(count: number, make: (place: number) => Promise<One>): Promise<One[]> {
    const all: One[] = []
    while (all.length < count) {
      const places = Array.from({ length: Math.min(AT_ONCE, count - all.length) }, (_, i) => all.length + i)
      all.push(...(await Promise.all(places.map(make))))
    }
    return all
  }

  /** Drops all that there are now. */
  leave(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  [Symbol.dispose](): void {
    this.leave()
  }
}
