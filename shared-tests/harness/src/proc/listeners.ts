import { linked, listed, membersOf, pids, statOf } from './files.ts'
import { listeningRows, SYN_RECEIVED, tcpTable } from './tcp-table.ts'

/** Addresses at which a connection to 127.0.0.1 arrives: itself, any of IPv4, any of IPv6, and itself in IPv6's spelling. */
const REACHED: readonly string[] = [
  '0100007F',
  '00000000',
  '00000000000000000000000000000000',
  '0000000000000000FFFF00000100007F',
]

/** Whether something listens at 127.0.0.1 and `port`: `elsewhere` is at another address. Null where the system does not tell. */
export function listensOn(port: number): 'yes' | 'no' | 'elsewhere' | null {
  const sockets = listeningSockets(port)
  if (!sockets) return null
  if (sockets.some(({ localAddress }) => REACHED.includes(localAddress))) return 'yes'
  return sockets.length === 0 ? 'no' : 'elsewhere'
}

/**
 * The process that owns the socket which listens on `port`; of several, such as a server and the workers that it has forked,
 * the one whose parent is none of them. Undefined if there is none, or none of this user's, and where the system does not tell.
 * It is most likely in `group`: there it is looked for first, since to ask all processes takes 20 ms.
 */
export function ownerOf(port: number, group?: number): number | undefined {
  const links = new Set((listeningSockets(port) ?? []).map(({ inode }) => linkOf(inode)))
  if (links.size === 0) return undefined
  const owns = (pid: number): boolean => filesOf(pid).some((link) => links.has(link))
  const inGroup = membersOf(group).filter(owns)
  const owners = inGroup.length > 0 ? inGroup : pids().filter(owns)
  return owners.find((pid) => !owners.includes(parentOf(pid))) ?? owners[0]
}

/** All ports that processes of a group listen on. */
export function portsOf(group: number | undefined): readonly number[] {
  const sockets = new Set(membersOf(group).flatMap(filesOf))
  const rows = listeningRows()?.filter(({ inode }) => sockets.has(linkOf(inode))) ?? []
  return [...new Set(rows.map(({ localPort }) => localPort))]
}

/**
 * Connections to `port` that the kernel has answered and the server's accept queue had no room for, by the client's port: the
 * client thinks that it is connected. Empty where the system does not tell.
 */
export function notQueued(port: number): ReadonlySet<number> {
  const rows = tcpTable()?.filter(({ localPort, state }) => localPort === port && state === SYN_RECEIVED) ?? []
  return new Set(rows.map(({ remotePort }) => remotePort))
}

/** NaN for a process that is gone. */
export function parentOf(pid: number): number {
  return Number(statOf(pid)[1])
}

/** Gone, or dead and not yet asked after by its parent. */
export function isGone(pid: number): boolean {
  const [state = 'X'] = statOf(pid)
  return state === 'Z' || state === 'X'
}

/** What its open files are links to. */
function filesOf(pid: number): readonly string[] {
  return listed(`/proc/${pid}/fd`).map((fd) => linked(`/proc/${pid}/fd/${fd}`))
}

function linkOf(inode: string): string {
  return `socket:[${inode}]`
}

function listeningSockets(port: number) {
  return listeningRows()?.filter(({ localPort }) => localPort === port) ?? null
}
