/**
 * The contract between the three parts: a protocol decides, a pattern delivers, a listener brings connections.
 * Nothing here has a body: this file is the seam along which servers, protocols and networks are interchanged.
 */
import type { Duplex } from 'node:stream'
import type { Clock } from './clock.ts'
import type { Limits } from './limits.ts'
import type { Close, StatisticsSnapshot } from './statistics.ts'
import type { WaitForGraph } from './wait-for-graph.ts'

/** A client's id: an integer from 1 to 2^31 - 1 that the server never uses twice (R2.1). */
export type ClientId = number

/** The listener's word for what a connection is: `client` unless it says otherwise (`Listener.roleOf`). */
export type Role = string

/** Links to the other nodes of a server, and how such a node is told to leave: they take no client's place (R5.2). */
export const OWN_ROLES: readonly Role[] = ['node', 'leaving']

/**
 * A server's rules, free of I/O: events in, deliveries out. Never called twice at once; never waits; a throw is a crash.
 */
export interface Protocol {
  /** The first call for a client. What it sends to that client precedes everything else. */
  connected(client: ClientId, out: Outbox, role: Role): void
  /** Bytes of `client`, in order, cut anywhere. `chunk` and `out` are valid only during the call. */
  received(client: ClientId, chunk: Uint8Array, out: Outbox): void
  /** The last call for a client: exactly once, whatever ended it, never from inside `received`. */
  disconnected(client: ClientId, out: Outbox): void
  /** Bytes held of a client's unfinished input, by capacity (R5.6). Asked behind its steps, and when it was paused or resumed. */
  heldBytes(client: ClientId): number

  // Optional steps. With one of the first three it only runs on a pattern that knows `due`; `serve` throws TypeError elsewhere.

  /** FIN, behind the client's last byte; it can still be sent to, until it is closed. Without this step FIN ends the connection. */
  finished?(client: ClientId, out: Outbox): void

  /**
   * What `whenQueued` asked for has come: once for each request, if the client is still connected. And a client that missed
   * an offer has room again.
   */
  drained?(client: ClientId, out: Outbox): void
  /** The earliest time that `wakeAt` was given has come: `out.now` is at least that. It is spent with this call. */
  woken?(out: Outbox): void
  /** The server shuts down: behind the last chunk and before the first FIN. For farewells; it is not called if nobody is left. */
  stopping?(out: Outbox): void
}

/** Clients to whom the same is offered. It iterates over them, each once. */
export interface Group extends Iterable<ClientId> {
  /** Changes whenever its members do. */
  readonly version: number
}

/** Where a protocol leaves its decisions. What is sent to a client that is not connected is dropped and counted (R3.7). */
export interface Outbox {
  /** Whether this outbox handles each message by itself: it wants a call of `send` for each. */
  readonly apart: boolean
  /** The server's time, ms: one value for a whole step, and the only time that a protocol knows. */
  readonly now: number
  /** Sends `bytes[start, end)`: so many whole messages, by default one. They are copied. */
  send(to: ClientId, bytes: Uint8Array, start?: number, end?: number, messages?: number): void
  /** Sends all of `bytes`, one whole message. Its memory passes to the outbox: the caller never touches it again. */
  give(to: ClientId, bytes: Uint8Array): void
  /**
   * The chunk that this step is about, to be kept behind it: its memory passes to the protocol, which may give parts of it on. Returns
   * `chunk`, or a copy where somebody else still needs it.
   */
  keep(chunk: Uint8Array): Uint8Array
  /**
   * Sends one whole message if there is room: if what is queued for the client stays within half of `queuedBytesMax`. Otherwise
   * it is refused, and counted (`missed`). Nobody is held back for it. False if it was refused, or the client is not connected.
   *
   * Behind a refused one all others are refused until the protocol asks `missed`: so the gap is where the protocol can tell of
   * it. When a quarter of the bound or less is queued, a `drained` step comes for that, in place of what `whenQueued` asked for.
   */
  offer(to: ClientId, bytes: Uint8Array, start?: number, end?: number): boolean
  /**
   * Offers the same message to each member of a group; it is kept once for all of them. Returns the members that it was refused:
   * who is not connected is not among them.
   */
  offerAll(to: Group, bytes: Uint8Array, start?: number, end?: number): readonly ClientId[]
  /** Offers to a client that were refused since this was last asked. From now on it is offered to again. */
  missed(client: ClientId): number
  /** Bytes sent to a client that have not left the server, by the capacity that holds them. */
  queued(client: ClientId): number
  /** Asks for one `drained` step, as soon as `queued(client)` is at most this. A later request replaces an earlier one. */
  whenQueued(client: ClientId, atMost: number): void
  /** Asks for a `woken` step when `now` is at least `at`. Of several requests the earliest counts. */
  wakeAt(at: number): void
  /** Ends a connection in order: what is queued is sent, then FIN. `why` stands in the record of the close. */
  close(client: ClientId, why?: string): void
  /** Ends a connection at once: what is queued is discarded. `why` as in `close`. */
  abort(client: ClientId, reason: AbortReason, why?: string): void
  /** Sends FIN behind what is queued. Nothing more can be sent to the client; it is read on. */
  finish(client: ClientId): void
  /**
   * From now on nothing of a client is received, its FIN included, until `resume`. This and `finish` are for protocols that have
   * an optional step: TypeError elsewhere.
   */
  pause(client: ClientId): void
  resume(client: ClientId): void
  /**
   * In `connected`, for a link to another node: two nodes that each wait until the other one reads would wait for ever. So no
   * client is held back for what is queued for it, and it is not held back for what its chunks have sent to others; the protocol
   * bounds both by itself (`queued`, `whenQueued`). What a pattern waits for in every step stays as it is: a lock or a dispatcher
   * that waits with a write waits with this one, too.
   */
  pace(client: ClientId): void
}

/** Why a connection was ended at once. */
export type AbortReason =
  | 'message-too-long'
  | 'write-deadline'
  | 'held-bytes'
  | 'shutdown-deadline'
  | 'protocol-abort'
  | 'reset'

/** Why a connection ended: exactly one reason each. An abort while closing replaces the reason for closing. */
export type CloseReason = AbortReason | 'client-fin' | 'protocol-close' | 'server-shutdown'

/** The ways in which correct servers differ, whatever their protocol is; docs/protocol.md, section 6, says what each one means. */
export const COMMON_GUARANTEES = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'] as const
/** And those that only some protocols show. */
export const GUARANTEES = ['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8', 'G9', 'G10', 'G11', 'G12'] as const
export type Guarantee = (typeof GUARANTEES)[number]
type CommonGuarantee = (typeof COMMON_GUARANTEES)[number]
/** Of the others a pattern says nothing if it runs no protocol that shows them. */
export type Guarantees = Readonly<
  Record<CommonGuarantee, boolean> & Partial<Record<Exclude<Guarantee, CommonGuarantee>, boolean>>
>

/**
 * `per-destination`: each client receives messages in the order in which they were decided, whoever sent them. `total`: and
 * no byte of a step is on its way before all bytes of the steps before it are, wherever they go. What one step decides for
 * different clients has no order.
 */
export type Order = 'total' | 'per-destination'

/** A way to run any protocol over connections. */
export interface Pattern {
  /** As typed on a command line, in kebab-case. */
  readonly name: string
  /** What it promises and, where false, the price that it admits to. Both are measured. */
  readonly guarantees: Guarantees
  /** What its header says of the order of deliveries, beyond R3.2; proved in simulation. */
  readonly order?: Order
  /** Clauses that it admits to failing; absent for a server that keeps them all. The suite fails it if one of them passes. */
  readonly fails?: readonly string[]
  /** Runs `protocol` on whatever `listener` brings until `shutdown`. Throws RangeError for limits out of range. */
  serve(protocol: Protocol, listener: Listener, options?: ServeOptions): Server
}

/**
 * Whatever emits `connection` with a Duplex stream, as `net.Server` does. Each must have `allowHalfOpen` and a readable
 * high-water mark of at most one read; `listen` of `@switchyard/core/tcp` makes such a one.
 */
export interface Listener {
  on(event: 'connection', accept: (socket: Duplex) => void): unknown
  on(event: 'error', failed: (error: Error) => void): unknown
  off(event: 'connection', accept: (socket: Duplex) => void): unknown
  off(event: 'error', failed: (error: Error) => void): unknown
  /** The role of a connection, asked once, before its protocol hears of it. Absent: all are clients. */
  roleOf?(socket: Duplex): Role
  /** Stops accepting. Connections that stand are not touched. */
  close(): unknown
  /** A chunk that one of its sockets brought has been handled, and nobody looks at it again. */
  recycle?(chunk: Uint8Array): void
  /** Bytes that the operating system holds for the peer of one of its sockets; undefined where it does not say. */
  untaken?(socket: Duplex): Promise<number | undefined>
  /** What is written to the socket next may leave at the end of this turn, if something has left in it before. */
  gather?(socket: Duplex): void
}

export interface ServeOptions extends Partial<Limits> {
  /** Default: `liveClock`. */
  readonly clock?: Clock
  /** Default: nobody is told. */
  readonly journal?: Journal
  /**
   * Between deciding and delivering: nothing that was decided before the call leaves until the promise has settled, be it bytes, FIN
   * or a reset. Undefined: there is nothing to wait for. Never called while one is under way; how many steps share one is the
   * pattern's answer. A rejection is a crash, and it is not tried again. Must not throw. Default: nothing is committed.
   */
  readonly commit?: () => Promise<void> | undefined
  /** The first id that is given; the next one is higher by one. Default: 1. */
  readonly firstId?: ClientId
}

/** Who is told of what happens to connections, as it happens: a log. Of messages it is told nothing. Must not throw. */
export interface Journal {
  opened?(client: ClientId, socket: Duplex): void
  /** Closed without an id (R5.2). */
  refused?(): void
  closed?(close: Close): void
  listenerFailed?(error: Error): void
}

/** A running server. Disposing of it is shutting it down. */
export interface Server extends AsyncDisposable {
  statistics(): StatisticsSnapshot
  /** Who waits for whom, right now. */
  readonly waits: WaitForGraph
  /**
   * R4.3. Settles when every connection is closed, at most `graceMs` later; rejects if a commit failed, or does not end by then.
   * Calling it again returns the same promise.
   */
  shutdown(): Promise<void>
}
