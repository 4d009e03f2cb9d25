import type { Server as NetServer } from 'node:net'
import { PooledServer } from './pooled-server.ts'

export interface ListenOptions {
  /** Default: loopback. */
  readonly host?: string
  /** Default: 0, any free port. */
  readonly port?: number
}

/** Idle for so long, a client's machine is asked whether it is still there: one that lost its power sends no FIN. */
const KEEP_ALIVE_MS = 60_000

/**
 * A TCP listener as patterns want it. Half-open connections are theirs to close (R4.1), small writes leave at once, and
 * nothing is read before a pattern asks for it, so that no read is held beyond the one that R5.4 allows.
 * Settles when it listens; rejects with the operating system's error (EADDRINUSE, EACCES).
 */
export function listen({ host = '127.0.0.1', port = 0 }: ListenOptions = {}): Promise<NetServer> {
  const server = new PooledServer({
    allowHalfOpen: true,
    noDelay: true,
    highWaterMark: 0,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 4096 }, () => {
      server.off('error', reject)
      resolve(server)
    })
  })
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
