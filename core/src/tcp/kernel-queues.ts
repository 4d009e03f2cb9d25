/* oxlint-disable no-underscore-dangle -- it is Node's name */
import { liveClock } from '../clock.ts'
import { readlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'

/** The kernel's tables for IPv4 and IPv6. */
const TABLES = ['/proc/self/net/tcp', '/proc/self/net/tcp6'] as const
/** A line's transmit queue, bytes in hexadecimal, and its inode. */
const LINE = /^ *\d+: \S+ \S+ \S+ ([\dA-F]+):\S+ \S+ \S+ +\d+ +\d+ (\d+) /gm
/** So long one look serves everybody who asks, ms: it takes the kernel 4 ms (measured), however few connections there are. */
const FRESH_MS = 250

/**
 * How many bytes the kernel holds for the peer of a socket: those that the peer's machine has not acknowledged. So progress
 * is seen long before a write is accepted: the kernel makes room for one in steps of a third of its send buffer (1.4 MB by
 * default), for which a reader of 60 kB/s needs 23 seconds. Only Linux tells, in /proc.
 */
export class KernelQueues {
  readonly #inodes = new WeakMap<Duplex, string>()
  #table: Promise<ReadonlyMap<string, number>> | undefined
  #lookedAt = 0

  /** Undefined where the system does not tell. Never rejects. */
  async untaken(socket: Duplex): Promise<number | undefined> {
    const inode = this.#inodes.get(socket) ?? inodeOf(socket)
    if (inode === undefined) return undefined
    this.#inodes.set(socket, inode)
    const now = liveClock.now()
    if (!this.#table || now - this.#lookedAt > FRESH_MS) {
      this.#lookedAt = now
      this.#table = look()
    }
    return (await this.#table).get(inode)
  }
}

async function look(): Promise<ReadonlyMap<string, number>> {
  const texts = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')))
  const lines = texts.flatMap((text) => [...text.matchAll(LINE)])
  return new Map(lines.map(([, bytes = '', inode = '']) => [inode, Number.parseInt(bytes, 16)]))
}

function inodeOf(socket: Duplex): string | undefined {
  try {
    const handle: unknown = '_handle' in socket ? socket._handle : undefined
    if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${String(handle.fd)}`))?.[1]
  } catch {
    return undefined // No /proc, or a socket that is closed.
  }
}
