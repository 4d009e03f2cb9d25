import { Socket } from 'node:net'
import type { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Role } from '../protocol.ts'
import { PooledServer } from './pooled-server.ts'

export interface ListenOptions {
  /** Default: loopback. */
  readonly host?: string
  /** Default: 0, any free port. */
  readonly port?: number
  /** What patterns ask of each connection (`Listener.roleOf`). Default: all are clients. */
  readonly roleOf?: (socket: Duplex) => Role
}

/** Idle for so long, a client's machine is asked whether it is still there: one that lost its power sends no FIN. */
const KEEP_ALIVE_MS = 60_000
/** Matches the loopback addresses of IPv4, in IPv6's spelling too, and of IPv6. */
const LOOPBACK = /^(?:(?:::ffff:)?127\.|::1$)/

/**
 * A TCP listener as patterns want it. Half-open connections are theirs to close (R4.1), small writes leave at once, and
 * nothing is read before a pattern asks for it, so that no read is held beyond the one that R5.4 allows.
 * Settles when it listens; rejects with the operating system's error (EADDRINUSE, EACCES).
 */
export function listen({ host = '127.0.0.1', port = 0, roleOf }: ListenOptions = {}): Promise<NetServer> {
  const server = new PooledServer({
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: 0,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })
  if (roleOf) server.roleOf = roleOf
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
}

/** `remote` for a peer on another machine, and if nobody can say where it is; otherwise `client`. */
export function roleByAddress(socket: Duplex): Role {
  const { remoteAddress, localAddress } = socket instanceof Socket ? socket : {}
  if (remoteAddress === undefined) return 'remote'
  return remoteAddress === localAddress || LOOPBACK.test(remoteAddress) ? 'client' : 'remote'
}

/** `127.0.0.1:7000`, `[::1]:7000`: as it stands in a URL. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Where it listens. */
export function portOf(server: NetServer): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('not a TCP server that listens')
  return address.port
}
