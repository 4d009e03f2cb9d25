import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** States of proc_net_tcp(5) that are no connections, or not yet. */
export const SYN_RECEIVED = '03'
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

/** The beginning of a row in another state than LISTEN, as the last row. */
const OTHER_ROW = /^ *\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} (?!0A)[\dA-F]{2} [^\n]*$/m
/** Of IPv4 and of IPv6. */
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const
/** Less than one row: the kernel looks for no more rows than it takes to fill what is read. */
const ROW_PART_BYTES = 128

/** By /proc/net/tcp and tcp6; null where there is none. */
export function tcpTable(): readonly TcpRow[] | null {
  return rowsOf(TABLES.map(textOf))
}

/** Of the same, the rows that listen. They come first, and the kernel takes 4 ms a table to find that there are no others. */
export function listeningRows(): readonly TcpRow[] | null {
  const [ipv4, ipv6] = TABLES
  return (
    rowsOf([listeningPartOf(ipv4), noneOfIpv6() ? null : listeningPartOf(ipv6)])?.filter(
      ({ state }) => state === LISTEN,
    ) ?? null
  )
}

function rowsOf(tables: readonly (string | null)[]): readonly TcpRow[] | null {
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

function noneOfIpv6(): boolean {
  return /^TCP6: inuse 0$/m.test(textOf('/proc/net/sockstat6') ?? '')
}

/** Up to the first row that does not listen. */
function listeningPartOf(file: string): string | null {
  try {
    const table = openSync(file, 'r')
    try {
      const part = Buffer.allocUnsafe(ROW_PART_BYTES)
      let text = ''
      for (let bytes = readSync(table, part); bytes > 0; bytes = readSync(table, part)) {
        text += part.toString('latin1', 0, bytes)
        if (OTHER_ROW.test(text)) break
      }
      return text
    } finally {
      closeSync(table)
    }
  } catch {
    return null
  }
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return null
  }
}
