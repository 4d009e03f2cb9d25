import type { Server } from './protocol.ts'

/**
 * The server that `serve` returns: what it runs on, and `stop`, called by the first shutdown and by no other. Where a commit has
 * `failed`, shutting down ends at once, with that failure.
 */
export function serverOf(
  connections: Pick<Server, 'statistics' | 'waits'> & { readonly failed?: Promise<never> | undefined },
  stop: () => Promise<void>,
): Server {
  let stopping: Promise<void> | undefined
  const { failed } = connections
  const shutdown = (): Promise<void> => (stopping ??= failed ? Promise.race([stop(), failed]) : stop())
  return {
    statistics: () => connections.statistics(),
    waits: connections.waits,
    shutdown,
    [Symbol.asyncDispose]: shutdown,
  }
}
