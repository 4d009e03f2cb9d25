import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { startServer } from '@switchyard/harness'
import type { ServerProcess, ServerProcessOptions } from '@switchyard/harness'

export const TINY_SERVER: URL = new URL('./fixtures/tiny-server.mjs', import.meta.url)
export const TINY_DIALECT: URL = new URL('./fixtures/tiny-dialect.mjs', import.meta.url)
export const PARENT: URL = new URL('./fixtures/parent.mjs', import.meta.url)

/** The server of fixtures/tiny-server.mjs, in a process of its own; `way` is how it delivers. */
export function tinyServer(way: string, limits: ServerProcessOptions['limits'] = {}): Promise<ServerProcess> {
  return startServer({ module: TINY_SERVER, args: [way], limits })
}

/** A server in this process that gives ids from 1 on, or says something else. Disposing of it ends its connections too. */
export async function listening(
  accepted: (socket: Socket, id: number) => void,
  greeting?: string,
): Promise<AsyncDisposable & Listening> {
  const sockets = new Set<Socket>()
  let ids = 0
  const server = createServer((socket) => {
    const id = ++ids
    sockets.add(socket)
    socket.on('error', () => {}) // `close` follows.
    socket.on('close', () => sockets.delete(socket))
    socket.write(greeting ?? Uint8Array.of(0, 0, id >> 8, id))
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

const ID_BYTES = 4

/** Routes whole messages and counts them, or `deliver`s them as it is told. */
export async function router(
  deliver = (to: Socket, message: Buffer, _id: number, _from: number): unknown => to.write(message),
): Promise<AsyncDisposable & Listening & { delivered: () => number }> {
  const sockets = new Map<number, Socket>()
  let delivered = 0
  const server = await listening((socket, from) => {
    let rest: Buffer = Buffer.alloc(0)
    sockets.set(from, socket)
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      for (let nul = rest.indexOf(0, ID_BYTES); nul !== -1; nul = rest.indexOf(0, ID_BYTES)) {
        const id = rest.readUInt32BE(0)
        const to = sockets.get(id)
        if (to) deliver(to, rest.subarray(ID_BYTES, nul + 1), id, from)
        delivered++
        rest = rest.subarray(nul + 1)
      }
    })
  })
  return { ...server, delivered: () => delivered }
}
