import { readFileSync } from 'node:fs'

/** States of proc_net_tcp(5) that are no connections. */
export const LISTEN = '0A'
export const TIME_WAIT = '06'

/** One socket of this machine. */
export interface TcpRow {
  /** In hexadecimal, as the kernel has it. */
  readonly localAddress: string
  readonly localPort: number
  readonly remotePort: number
  readonly state: string
  /** Bytes in the sending and in the receiving queue. */
  readonly sending: number
  readonly receiving: number
  readonly inode: string
}

const ROW =
  /^ *\d+: ([\dA-F]+):([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) ([\dA-F]{2}) ([\dA-F]{8}):([\dA-F]{8}) \S+ \S+ +\d+ +\d+ (\d+)/gm

/** By /proc/net/tcp and tcp6; null where there is none. */
export function tcpTable(): readonly TcpRow[] | null {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(textOf)
  if (tables[0] === null) return null // Without IPv6 there is no second one.
  const rows = tables.flatMap((text) => [...(text ?? '').matchAll(ROW)])
  return rows.map(
    ([, localAddress = '', local = '', remote = '', state = '', sending = '', receiving = '', inode = '']) => ({
      localAddress,
      localPort: Number.parseInt(local, 16),
      remotePort: Number.parseInt(remote, 16),
      state,
      sending: Number.parseInt(sending, 16),
      receiving: Number.parseInt(receiving, 16),
      inode,
    }),
  )
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return null
  }
}
