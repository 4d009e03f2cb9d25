import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { startServer } from '../src/index.ts'
import type { ServerProcess, ServerProcessOptions } from '../src/index.ts'

export const TINY_SERVER: URL = new URL('./fixtures/tiny-server.mjs', import.meta.url)
export const PARENT: URL = new URL('./fixtures/parent.mjs', import.meta.url)

/** The server of fixtures/tiny-server.mjs, in a process of its own; `way` is how it delivers. */
export function tinyServer(way: string, limits: ServerProcessOptions['limits'] = {}): Promise<ServerProcess> {
  return startServer({ module: TINY_SERVER, args: [way], limits })
}

/** A server in this process that gives ids from 1 on. Disposing of it ends its connections too. */
export async function listening(accepted: (socket: Socket, id: number) => void): Promise<AsyncDisposable & Listening> {
  const sockets = new Set<Socket>()
  let ids = 0
  const server = createServer((socket) => {
    const id = ++ids
    sockets.add(socket)
    socket.on('error', () => {}) // `close` follows.
    socket.on('close', () => sockets.delete(socket))
    socket.write(Uint8Array.of(0, 0, id >> 8, id))
    accepted(socket, id)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    port: portOf(server),
    sockets,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

export interface Listening {
  readonly port: number
  readonly sockets: ReadonlySet<Socket>
}
