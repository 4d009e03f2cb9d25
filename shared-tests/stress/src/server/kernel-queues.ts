import { readFileSync } from 'node:fs'

/** States of proc_net_tcp(5) in which a socket has no owner, or no connection. */
const TIME_WAIT = '06'
const LISTEN = '0A'

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
 * By /proc/net/tcp and tcp6; null where there is none. Bytes that have come and are not acknowledged yet are counted on both
 * sides, for some 40 ms: only what stands is exact.
 */
export function kernelQueues(port: number): KernelQueues | null {
  let rows: string[]
  try {
    rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(rowsOf)
  } catch {
    return null
  }
  const toServer = new Map<number, number>()
  const toClient = new Map<number, number>()
  const serverSide = new Set<number>()
  const add = (queues: Map<number, number>, client: number, hex: string): void =>
    void queues.set(client, (queues.get(client) ?? 0) + Number.parseInt(hex, 16))
  for (const row of rows) {
    const [, local, remote, state, sending, receiving] = ROW.exec(row) ?? []
    if (local === undefined || remote === undefined || sending === undefined || receiving === undefined) continue
    if (state === TIME_WAIT || state === LISTEN) continue
    const [from, to] = [Number.parseInt(local, 16), Number.parseInt(remote, 16)]
    if (from === port) {
      serverSide.add(to)
      add(toClient, to, sending)
      add(toServer, to, receiving)
    } else if (to === port) {
      add(toServer, from, sending)
      add(toClient, from, receiving)
    }
  }
  return { toServer, toClient, serverSide }
}

/** Local port, remote port, state, bytes in the sending and in the receiving queue. */
const ROW = /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) ([0-9A-F]{2}) ([0-9A-F]{8}):([0-9A-F]{8})/

/** Throws if there is no IPv4 table; without IPv6 there is no other one. */
function rowsOf(file: string): string[] {
  try {
    return readFileSync(file, 'latin1').split('\n')
  } catch (error) {
    if (file.endsWith('6')) return []
    throw error
  }
}
