import { LISTEN, tcpTable, TIME_WAIT } from './tcp-table.ts'

/** What lies in the kernel of the connections to one port of this machine, by the client's port. */
export interface KernelQueues {
  /** Written by the client, not yet read by the server. */
  readonly toServer: ReadonlyMap<number, number>
  /** Accepted from the server, not yet read by the client. */
  readonly toClient: ReadonlyMap<number, number>
  /** Connections that the server's side has. */
  readonly serverSide: ReadonlySet<number>
}

/**
 * Null where the system does not tell. Bytes that have come and are not acknowledged yet are counted on both sides, for some
 * 40 ms: only what stands is exact.
 */
export function kernelQueues(port: number): KernelQueues | null {
  const rows = tcpTable()
  if (!rows) return null
  const toServer = new Map<number, number>()
  const toClient = new Map<number, number>()
  const serverSide = new Set<number>()
  const add = (queues: Map<number, number>, client: number, bytes: number): void =>
    void queues.set(client, (queues.get(client) ?? 0) + bytes)
  for (const { localPort, remotePort, state, sending, receiving } of rows) {
    if (state === TIME_WAIT || state === LISTEN) continue
    if (localPort === port) {
      serverSide.add(remotePort)
      add(toClient, remotePort, sending)
      add(toServer, remotePort, receiving)
    } else if (remotePort === port) {
      add(toServer, localPort, sending)
      add(toClient, localPort, receiving)
    }
  }
  return { toServer, toClient, serverSide }
}
