import type { Duplex } from 'node:stream'
import type { Slabs } from '../byte-queue.ts'
import type { Clock } from '../clock.ts'
import type { HeldBytes } from '../held-bytes.ts'
import type { Limits } from '../limits.ts'
import type { AbortReason, ClientId } from '../protocol.ts'
import type { Statistics } from '../statistics.ts'
import type { Turns } from '../turns.ts'
import type { WaitForGraph } from '../wait-for-graph.ts'

/** `connected`: the protocol knows it. `closing`: what is queued still goes out, nothing new comes in. It only moves to the right. */
export type ConnectionState = 'accepted' | 'connected' | 'closing' | 'closed'

/** What all connections of one server share. */
export interface Shared {
  readonly limits: Limits
  readonly clock: Clock
  readonly turns: Turns
  readonly waits: WaitForGraph
  readonly held: HeldBytes
  readonly slabs: Slabs
  readonly statistics: Statistics
  /** The most that one `tryRead` returns. */
  readonly readBytesMax: number
  /** The listener's; absent where it can't tell. */
  readonly untaken: ((socket: Duplex) => Promise<number | undefined>) | undefined
  /** The listener's; does nothing where each write leaves at once. */
  readonly gather: (socket: Duplex) => void
  /** FIN comes as a chunk of its own, since the protocol may have a step for it or pause clients; otherwise it ends reading. */
  readonly finIsRead: boolean
  /** What is decided leaves only when it is committed. */
  readonly commits: boolean
  /** Set once stalled clients have had their share of a shutdown (R4.3). */
  readonly hurried: boolean
  readonly stopped: boolean
}

/** What its reading and its writing need of a connection: its state, and whom to tell. */
export interface Life {
  readonly id: ClientId
  readonly state: ConnectionState
  abort(reason: AbortReason): void
  /** The edges of the same names. */
  readable(): void
  writable(): void
  /** Reading waits until the server holds less (R5.6); then it is woken. */
  waitForMemory(): void
}

/**
 * A stream whose other end is in this process: what that has not read counts as queued. It emits `taken` whenever the other end
 * has read something.
 */
export interface LocalStream extends Duplex {
  readonly peerUnreadBytes: number
  /** Nobody will write to the memory of `bytes` again: what is sent of it need not be copied. Absent: it copies all. */
  own?(bytes: Uint8Array): void
  /** As a socket's. */
  resetAndDestroy(): Duplex
}

export function isLocal(socket: Duplex): socket is LocalStream {
  return 'peerUnreadBytes' in socket && typeof socket.peerUnreadBytes === 'number'
}
