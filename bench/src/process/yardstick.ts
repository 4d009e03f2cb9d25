import { createServer } from 'node:net'
import type { Server as NetServer, Socket } from 'node:net'

/**
 * The yardstick: a relay that routes nothing. Connections 2k - 1 and 2k are a pair, and each chunk that is read from one
 * is written to the other, in one write. Each gets its number as four bytes, as a router's client gets its id; that is all.
 *
 * It is what Node's sockets cost if nothing is decided: no message is looked for, none is copied, and no bound is kept, so
 * it is given no stalled readers. It is no ceiling. A server that collects what many reads bring for one destination
 * writes less often, and passes it on large messages.
 */
export function yardstick(): NetServer {
  let accepted = 0
  let first: Socket | undefined
  const server = createServer({ noDelay: true }, (socket) => {
    const id = Buffer.alloc(4)
    id.writeUInt32BE(++accepted)
    socket.on('error', () => {}) // `close` follows.
    socket.write(id)
    if (first) {
      forward(first, socket)
      forward(socket, first)
      first = undefined
    } else {
      first = socket
    }
  })
  return server
}

function forward(from: Socket, to: Socket): void {
  from.on('data', (chunk) => to.write(chunk))
  from.on('close', () => to.destroy())
}
