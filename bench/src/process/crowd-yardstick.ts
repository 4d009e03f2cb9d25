import { createServer } from 'node:net'
import type { Server as NetServer, Socket } from 'node:net'
import { liveClock } from '@switchyard/core'

/**
 * The yardstick of fan-out: no message is looked for, no name is known, and no bound is kept. Each connection gets its number as four
 * bytes. Its first chunk names a group, and comes back as it is; every later one goes to all of that group, in one write for each
 * member and turn. So it is what Node's sockets cost at least.
 */
export function crowdYardstick(): NetServer {
  const groups = new Map<string, Group>()
  let accepted = 0
  return createServer({ noDelay: true }, (socket) => {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(++accepted)
    socket.write(id)
    socket.on('error', () => {}) // `close` follows.
    socket.once('data', (chunk: Buffer) => {
      const name = chunk.toString('latin1')
      const group = groups.get(name) ?? new Group()
      groups.set(name, group)
      group.add(socket)
      socket.write(chunk)
    })
  })
}

class Group {
  readonly #members = new Set<Socket>()
  #chunks: Buffer[] = []

  add(socket: Socket): void {
    this.#members.add(socket)
    socket.on('data', (chunk: Buffer) => {
      if (this.#chunks.push(chunk) === 1) liveClock.turn(this.#deliver)
    })
    socket.on('close', () => this.#members.delete(socket))
  }

  readonly #deliver = (): void => {
    const bytes = Buffer.concat(this.#chunks)
    this.#chunks = []
    for (const member of this.#members) member.write(bytes)
  }
}
