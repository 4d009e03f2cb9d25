import type { Server } from './protocol.ts'

/** The server that `serve` returns: what it runs on, and `stop`, called by the first shutdown and by no other. */
export function serverOf(connections: Pick<Server, 'statistics' | 'waits'>, stop: () => Promise<void>): Server {
  let stopping: Promise<void> | undefined
  const shutdown = (): Promise<void> => (stopping ??= stop())
  return {
    statistics: () => connections.statistics(),
    waits: connections.waits,
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  }
}
