import type { Duplex } from 'node:stream'
import { ByteQueue } from '../byte-queue.ts'
import type { Cancel } from '../clock.ts'
import { READ_BYTES } from '../limits.ts'
import type { AbortReason, ClientId, CloseReason, Role } from '../protocol.ts'
import type { Party } from '../wait-for-graph.ts'
import { Reading } from './reading.ts'
import type { Read } from './reading.ts'
import { isLocal } from './shared.ts'
import type { ConnectionState, Life, LocalStream, Shared } from './shared.ts'
import { Writing } from './writing.ts'

/** What a connection tells its pattern. Called from I/O and at ends of turns, never from inside a call of the pattern's. */
export interface Edges {
  /** `tryRead` has something to say: a chunk, to whoever armed; or that reading is over, to everybody. */
  readable?(connection: Connection): void
  /** What was outstanding has been written, or the connection is closed. */
  writable?(connection: Connection): void
}

/** What a connection tells the set that it is in. */
export interface Owner {
  readonly edges: Edges
  /** Is to be woken when the server holds less (R5.6). */
  waitsForMemory(connection: Connection): void
  /** So little is queued as its `whenQueued` asked for. */
  drained(connection: Connection): void
  /** Not connected any more. */
  closing(connection: Connection): void
  /** The socket has closed. */
  closed(connection: Connection): void
}

/**
 * The edges of one socket: one chunk in, one piece out, one life. When to read, what to write and who waits is the
 * pattern's business; that no bytes are lost (`Reading`), no write outlasts its deadline (`Writing`) and no end is counted
 * twice (here) is done by these three.
 */
export class Connection implements Life {
  readonly id: ClientId
  readonly role: Role
  /** The client's own loop, where the wait-for graph needs a name for it. */
  readonly party: Party
  /** What the protocol has sent to this client and was not written. */
  readonly outgoing: ByteQueue
  /** Beyond R5.4's bound: its senders should wait. A field, since it is asked with every message. */
  full = false
  /** The protocol bounds what is sent to it and what it causes: it is never full, and nobody is full for it. */
  paced = false
  /** In the list of those who have something to send. */
  dirty = false
  /** Bytes of the protocol's unfinished input, as last counted. */
  inputBytes = 0
  /** Offers refused since the protocol last asked. */
  missed = 0
  /** Times that something was decided for it and is not committed. */
  uncommitted = 0
  /** What arrived behind a `pause`, or behind other such, and is to be handled before anything more is read. */
  kept: Uint8Array[] | undefined

  readonly #socket: Duplex
  /** The same, if its other end is in this process. */
  readonly #local: LocalStream | undefined
  readonly #shared: Shared
  readonly #owner: Owner
  readonly #reading: Reading
  readonly #writing: Writing
  #state: ConnectionState = 'accepted'
  #reason: CloseReason | undefined
  #code: string | undefined
  #why: string | undefined
  /** Sent to this client and handed over to its pattern, which holds it: a mailbox, say. */
  #handedOver = 0
  /** Whoever asked wants to hear when so much is queued. */
  #drainedAt = -1
  #by: Party | undefined
  #linger: Cancel | undefined
  #paused = false
  #finishing: 'no' | 'behind-what-is-queued' | 'sent' = 'no'
  #resetsWhenCommitted = false
  #finHandled = false
  /** The socket has closed, since both ends had sent FIN, but the protocol has not heard of the client's. */
  #closesAfterFin = false

  /** Throws TypeError for a socket that a pattern could not run on. */
  constructor(id: ClientId, role: Role, socket: Duplex, shared: Shared, owner: Owner) {
    if (!socket.allowHalfOpen) {
      throw new TypeError('the listener must set allowHalfOpen: a client may send FIN and still read (R4.1)')
    }
    if (socket.readableHighWaterMark > READ_BYTES) {
      throw new TypeError(
        `the listener must set highWaterMark to at most ${READ_BYTES}, not ${socket.readableHighWaterMark} (R5.4)`,
      )
    }
    this.id = id
    this.role = role
    this.party = { kind: 'client', id }
    this.#socket = socket
    this.#local = isLocal(socket) ? socket : undefined
    this.#shared = shared
    this.#owner = owner
    const { queuedBytesMax } = shared.limits
    this.outgoing = new ByteQueue(shared.slabs, (delta, isShared) => {
      if (!isShared) shared.held.add('queues', delta)
      this.full = this.outgoing.held >= queuedBytesMax && !this.paced
      if (delta < 0) this.#moved()
    })
    if (shared.commits) this.outgoing.release(0)
    this.#reading = new Reading(socket, shared, this)
    this.#writing = new Writing(socket, shared, this)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#code = error.code
      this.abort('reset')
    })
    socket.on('close', () => this.#socketClosed())
    this.#local?.on('taken', () => this.#moved())
  }

  get state(): ConnectionState {
    return this.#state
  }

  get connected(): boolean {
    return this.#state === 'connected'
  }

  get paused(): boolean {
    return this.#paused
  }

  /** It can be sent to. */
  get open(): boolean {
    return this.connected && !this.finishing
  }

  /** Nothing more can be sent to it. */
  get finishing(): boolean {
    return this.#finishing !== 'no'
  }

  // Reading ------------------------------------------------------------------------------------------------------------

  /** Nothing more will be read: FIN, closing, closed, or the server stops. */
  get readingOver(): boolean {
    return this.#reading.over
  }

  get finReceived(): boolean {
    return this.#reading.finReceived
  }

  /** In the process but not in a queue of ours: what has arrived and was not asked for. */
  get socketBytes(): number {
    return this.#reading.socketBytes
  }

  /**
   * Takes one chunk, at most one per turn; a chunk stays valid until the next call. `empty` comes without a promise of a
   * later edge: ask for one with `arm`.
   */
  tryRead(): Read {
    return this.#reading.tryRead()
  }

  /** Asks for one `readable` edge, as soon as `tryRead` would not return `empty`. Asking twice is asking once. */
  arm(): void {
    this.#reading.arm()
  }

  /** The next chunk; undefined once reading is over. */
  read(): Promise<Uint8Array | undefined> {
    return this.#reading.read()
  }

  /** Lets go of the chunk that was read last, where no further one is asked for yet; `tryRead` and `arm` do that too. */
  release(): void {
    this.#reading.release()
  }

  /** Makes readers look again: memory has become free, or the server stops. */
  wake(): void {
    this.#reading.signal()
  }

  /** Nothing of it is read until `resume`. */
  pause(): void {
    this.#paused = true
    this.#reading.blocked = true
  }

  /** Ends the pause. If something was kept, that comes first, and `readOn` behind it. */
  resume(): void {
    this.#paused = false
    if (!this.kept) this.readOn()
  }

  /** Its FIN is the end of reading. Until its last step it is connected, and has what it is sent. */
  endReading(): void {
    this.#reading.finEnds = true
    this.#reading.signalAtEnd()
  }

  readOn(): void {
    this.#reading.unblock()
  }

  // Writing ------------------------------------------------------------------------------------------------------------

  /**
   * Hands `queue` to the operating system, in pieces of at most 64 KiB, for as long as it accepts them at once. True when
   * nothing is left (or the connection is closed, and the queue cleared with it); false when a piece is outstanding: then
   * one `writable` edge follows; and false while something, be it the end, waits for its commit. The bytes stay in the queue
   * until they are written.
   */
  flush(queue: ByteQueue = this.outgoing): boolean {
    return this.#writing.flush(queue, queue !== this.outgoing) && (this.uncommitted === 0 || queue !== this.outgoing)
  }

  /** Flushes, and waits while the operating system is slow: settles when nothing is left that may leave, or the connection is closed. */
  flushed(who: Party, queue: ByteQueue = this.outgoing): Promise<void> {
    return this.#writing.flushed(who, queue, queue !== this.outgoing)
  }

  /** Bytes sent to it that have not left the server, by capacity; in a stream of this process also what is unread. */
  get queuedBytes(): number {
    return this.outgoing.held + this.#handedOver + (this.#local?.peerUnreadBytes ?? 0)
  }

  /** For a pattern that holds what was sent to a client elsewhere than in `outgoing`: how that changes. */
  handOver(delta: number): void {
    this.#handedOver += delta
    if (delta < 0) this.#moved()
  }

  /** One `drained` of its owner's, as soon as `queuedBytes` is at most this. */
  whenQueued(atMost: number): void {
    this.#drainedAt = atMost
    this.#drain()
  }

  #drain(): void {
    if (this.#drainedAt < 0 || this.queuedBytes > this.#drainedAt) return
    this.#drainedAt = -1
    this.#owner.drained(this)
  }

  /** The first bytes that it was ever sent may leave, so many of them, and so may the end that was decided with them. */
  committed(end: number): void {
    this.uncommitted--
    this.outgoing.release(end)
    if (this.#resetsWhenCommitted && this.uncommitted === 0) destroy(this.#socket)
    this.#moved()
  }

  /** Sends FIN behind what is queued, and goes on reading. */
  finish(): void {
    if (this.#finishing !== 'no') return
    this.outgoing.settle()
    this.#finishing = 'behind-what-is-queued'
    this.#shared.turns.atEnd(() => this.#sendFin())
  }

  /** Less is queued than before. A pattern may be moving it from one place to another: where it is now is seen when the turn ends. */
  #moved(): void {
    this.#drain()
    if (this.#finishing === 'behind-what-is-queued') this.#shared.turns.atEnd(() => this.#sendFin())
  }

  #sendFin(): void {
    if (this.#finishing !== 'behind-what-is-queued' || !this.connected) return
    if (this.outgoing.length > 0 || this.#handedOver > 0 || this.uncommitted > 0) return
    this.#finishing = 'sent'
    this.#socket.end()
  }

  /** R4.3: from the beginning of a shutdown on it is looked, now and then, whether the client takes something. */
  watch(): void {
    this.#writing.watch()
  }

  /** R4.3: if it took nothing lately, what is not written at once ends it from now on, and so does what is outstanding. */
  hurry(): void {
    this.#writing.hurry()
  }

  // Life ---------------------------------------------------------------------------------------------------------------

  /** From `accepted` to `connected`: from now on the protocol's sends reach it. */
  connect(): void {
    if (this.#state === 'accepted') this.#state = 'connected'
  }

  /** To `closing`: it is not connected any more; what is queued still goes out, then the pattern calls `end`. */
  close(reason?: CloseReason, why?: string): void {
    if (this.#state !== 'connected' && this.#state !== 'accepted') return
    this.#why = why
    this.#reason ??= reason ?? (this.#reading.finReceived ? 'client-fin' : 'server-shutdown')
    this.#state = 'closing'
    this.outgoing.settle()
    this.release()
    this.#owner.closing(this)
    this.#reading.signalAtEnd()
  }

  /** Sends FIN behind what was flushed, and lets the client finish too, for `lingerMs`. Doing it twice is harmless. */
  end(): void {
    if (this.#state !== 'closing' || this.#linger) return
    if (this.#closesAfterFin) return this.#count()
    this.#linger = this.#shared.clock.after(this.#shared.limits.lingerMs, () => this.#socket.destroy())
    this.#socket.end()
    this.#reading.clear()
    this.#reading.discard()
  }

  /**
   * Ends it at once: what is queued is discarded, the peer sees a reset; if the protocol has `decided` that, the peer sees it when
   * it is committed. Harmless when it is closed already.
   */
  abort(reason: AbortReason, why?: string, decided = false): void {
    if (this.#state === 'closed') {
      if (this.#resetsWhenCommitted) destroy(this.#socket)
      return
    }
    const wasClosing = this.#state === 'closing'
    this.#state = 'closed'
    this.#reason = reason
    this.#why = why
    this.#by = this.#writing.writer
    this.#reading.clear()
    this.#writing.clear(this.outgoing)
    if (!wasClosing) this.#owner.closing(this)
    this.#resetsWhenCommitted = decided && this.uncommitted > 0
    if (!this.#resetsWhenCommitted) destroy(this.#socket)
    this.#reading.signalAtEnd()
    this.#shared.turns.atEnd(() => this.#writing.signal())
    if (this.#closesAfterFin) this.#shared.turns.atEnd(() => this.#count())
  }

  /** The protocol has heard of the client's FIN. */
  finHandled(): void {
    this.#finHandled = true
    if (!this.#closesAfterFin || !this.connected) return
    this.close()
    this.#count()
  }

  /** A socket closes by itself once both ends have sent FIN: maybe while chunks of it still wait in channels. */
  #socketClosed(): void {
    if (this.#state === 'connected' && this.#finishing === 'sent' && this.#reading.finReceived) {
      this.#closesAfterFin = !this.#finHandled
      if (this.#closesAfterFin) return
      this.close()
    } else if (this.#linger) this.#linger()
    else this.abort('reset')
    this.#count()
  }

  /** The one place where an end is counted. */
  #count(): void {
    const { statistics, clock } = this.#shared
    this.#state = 'closed'
    statistics.closed({
      client: this.id,
      reason: this.#reason ?? 'reset',
      at: clock.now(),
      bytesIn: this.#reading.bytesIn,
      bytesOut: this.#writing.bytesOut,
      ...(this.#code !== undefined && { code: this.#code }),
      ...(this.#why !== undefined && { why: this.#why }),
      ...(this.#by && { by: this.#by }),
    })
    this.#owner.closed(this)
  }

  // What reading and writing tell --------------------------------------------------------------------------------------

  readable(): void {
    this.#owner.edges.readable?.(this)
  }

  writable(): void {
    this.#owner.edges.writable?.(this)
  }

  waitForMemory(): void {
    this.#owner.waitsForMemory(this)
  }
}

/**
 * A reset frees what the kernel holds for a client that does not read. Only TCP sockets can be reset, and none whose FIN
 * is on its way: there the kernel refuses, and `close` never comes.
 */
function destroy(socket: Duplex): void {
  const finOnItsWay = socket.writableEnded && !socket.writableFinished
  if (!finOnItsWay && 'resetAndDestroy' in socket && typeof socket.resetAndDestroy === 'function') {
    try {
      return void socket.resetAndDestroy()
    } catch {
      // A socket of TLS or of a path has the method, and throws.
    }
  }
  socket.destroy()
}
