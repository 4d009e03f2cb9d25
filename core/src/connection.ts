import type { Duplex } from 'node:stream'
import { ByteQueue } from './byte-queue.ts'
import type { Slabs } from './byte-queue.ts'
import type { Cancel, Clock } from './clock.ts'
import type { HeldBytes } from './held-bytes.ts'
import { READ_BYTES } from './limits.ts'
import type { Limits } from './limits.ts'
import type { AbortReason, ClientId, CloseReason } from './protocol.ts'
import type { Statistics } from './statistics.ts'
import type { Turns } from './turns.ts'
import type { Party, WaitForGraph } from './wait-for-graph.ts'

/**
 * `accepted`: has an id and has not been told; `open`: connected; `closing`: what is queued still goes out, nothing new
 * comes in; `closed`: nothing goes in or out any more. A connection only ever moves to the right.
 */
export type ConnectionState = 'accepted' | 'open' | 'closing' | 'closed'

export type Read = { readonly state: 'ok'; readonly chunk: Uint8Array } | { readonly state: 'empty' | 'closed' }

/** What a connection tells its pattern. Called from I/O and at ends of turns, never from inside a call of the pattern's. */
export interface Edges {
  /** `tryRead` has something to say: a chunk, to whoever armed; or that reading is over, to everybody. */
  readable?(connection: Connection): void
  /** What was outstanding has been accepted, or the connection is gone. */
  writable?(connection: Connection): void
}

/** What all connections of one server share. */
export interface Shared {
  readonly limits: Limits
  readonly clock: Clock
  readonly turns: Turns
  readonly waits: WaitForGraph
  readonly held: HeldBytes
  readonly slabs: Slabs
  readonly statistics: Statistics
  readonly edges: Edges
  /** The most that one `tryRead` answers. */
  readonly readBytesMax: number
  /** Set once stalled clients have had their share of a shutdown (R4.3). */
  readonly hurried: boolean
  readonly stopped: boolean
  pause(connection: Connection): void
  /** The connection is not connected any more. */
  left(connection: Connection): void
  /** The socket is gone. */
  gone(connection: Connection): void
}

const EMPTY = { state: 'empty' } as const
const CLOSED = { state: 'closed' } as const

/**
 * The edges of one socket: one chunk in, one piece out, one life. When to read, what to write and who waits is the
 * pattern's business; that no bytes are lost, no write outlasts its deadline and no end is counted twice is done here.
 */
export class Connection {
  readonly id: ClientId
  /** The client's own loop, where the wait-for graph needs a name for it. */
  readonly party: Party
  /** What the protocol has sent to this client and the operating system has not accepted. */
  readonly outgoing: ByteQueue
  /** Beyond R5.4's bound: its senders should wait. A field, since it is asked with every message. */
  full = false
  /** In the list of those who have something to send. */
  dirty = false
  /** Of the protocol's unfinished input, as last counted. */
  inputBytes = 0

  readonly #socket: Duplex
  readonly #shared: Shared
  #state: ConnectionState = 'accepted'
  #reason: CloseReason | undefined
  #code: string | undefined
  #by: Party | undefined
  #bytesIn = 0
  #bytesOut = 0

  #readTurn = 0
  #rest: Uint8Array | undefined
  #chunkBytes = 0
  #finReceived = false
  #armed = false
  #signalDue = false
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined

  #outstanding = 0
  #outstandingQueue: ByteQueue | undefined
  #callbacksDue = 0
  #deadline: Cancel | undefined
  #writer: Party | undefined
  #wakeWriter: (() => void) | undefined
  #linger: Cancel | undefined

  /** Throws TypeError for a socket that a pattern could not run on. */
  constructor(id: ClientId, socket: Duplex, shared: Shared) {
    if (!socket.allowHalfOpen) {
      throw new TypeError('the listener must set allowHalfOpen: a client may send FIN and still read (R4.1)')
    }
    if (socket.readableHighWaterMark > READ_BYTES) {
      throw new TypeError(
        `the listener must set highWaterMark to at most ${READ_BYTES}, not ${socket.readableHighWaterMark} (R5.4)`,
      )
    }
    this.id = id
    this.party = { kind: 'client', id }
    this.#socket = socket
    this.#shared = shared
    const { queuedBytesMax } = shared.limits
    this.outgoing = new ByteQueue(shared.slabs, (delta) => {
      shared.held.add('queues', delta)
      this.full = this.outgoing.held >= queuedBytesMax
    })
    socket.on('readable', () => this.#arrived())
    socket.on('end', () => {
      this.#finReceived = true
      // Not at once: streams end by a tick, of which the order among promises differs between Node and a browser.
      this.#signalAtEnd()
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#code = error.code
      this.abort('reset')
    })
    socket.on('close', () => this.#gone())
  }

  get state(): ConnectionState {
    return this.#state
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  /** Nothing more will be read: FIN, gone, closed from here, or the server stops. */
  get readingOver(): boolean {
    const ended = this.#finReceived && !this.#rest
    return ended || this.#state === 'closing' || this.#state === 'closed' || this.#shared.stopped
  }

  /** In the process but not in a queue of ours: what has arrived and was not asked for. */
  get socketBytes(): number {
    return this.#socket.readableLength + (this.#rest?.length ?? 0)
  }

  // Reading ------------------------------------------------------------------------------------------------------------

  /**
   * Takes one chunk, at most one per turn; a chunk stays valid until the next call. `empty` comes without a promise of a
   * later edge: ask for one with `arm`.
   */
  tryRead(): Read {
    const { held, turns, statistics } = this.#shared
    this.release()
    if (this.readingOver) return CLOSED
    if (this.#readTurn === turns.current || held.full) return EMPTY
    const chunk: Uint8Array | null = this.#rest ?? this.#socket.read()
    if (chunk === null) return EMPTY
    this.#readTurn = turns.current
    const taken = this.#cut(chunk)
    this.#chunkBytes = taken.length
    held.add('chunks', taken.length)
    statistics.bytesIn += taken.length
    this.#bytesIn += taken.length
    return { state: 'ok', chunk: taken }
  }

  /** Asks for one `readable` edge, as soon as `tryRead` would not answer `empty`. Asking twice is asking once. */
  arm(): void {
    const { held } = this.#shared
    this.release()
    this.#armed = true
    if (this.readingOver) this.#signalAtEnd()
    else if (held.full) this.#shared.pause(this)
    else if (this.#rest || this.#socket.readableLength > 0) this.#signalAtEnd()
    else this.#socket.read(0)
  }

  /** The next chunk; undefined once reading is over: FIN, gone, closed from here, or the server stops. */
  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#reader = resolve
      this.#serveReader(resolve)
    })
  }

  /** One promise a chunk: with one for the edge too, a round trip cost a tenth more (measured, with that of channels). */
  #serveReader(reader: (chunk: Uint8Array | undefined) => void): void {
    const taken = this.tryRead()
    if (taken.state === 'empty') return this.arm()
    this.#reader = undefined
    reader(taken.state === 'ok' ? taken.chunk : undefined)
  }

  /** Makes readers look again: memory has become free, or the server stops. */
  wake(): void {
    this.#signalReadable()
  }

  /** A chunk of the socket's is at most one read; a pattern with small channels asks for less, and gets copies. */
  #cut(chunk: Uint8Array): Uint8Array {
    const max = this.#shared.readBytesMax
    if (chunk.length <= max && !this.#rest) return chunk
    this.#rest = chunk.length > max ? chunk.subarray(max) : undefined
    return new Uint8Array(chunk.subarray(0, max)) // `slice` of a Buffer would copy nothing.
  }

  #arrived(): void {
    if (this.#state === 'closing') this.#shared.turns.atEnd(this.#discard)
    else if (this.#readTurn === this.#shared.turns.current) this.#signalAtEnd()
    else this.#signalReadable()
  }

  /** One edge at the end of this turn, however often it is asked for. */
  #signalAtEnd(): void {
    if (this.#signalDue) return
    this.#signalDue = true
    this.#shared.turns.atEnd(this.#turnEnded)
  }

  readonly #turnEnded = (): void => {
    this.#signalDue = false
    this.#signalReadable()
  }

  /** A socket may bring bytes that nobody asked for; whoever is held back hears of them when it arms again. */
  #signalReadable(): void {
    if (!this.#armed && !this.readingOver) return
    this.#armed = false
    if (this.#reader) this.#serveReader(this.#reader)
    this.#shared.edges.readable?.(this)
  }

  /** Lets go of the chunk that was read last, where no further one is asked for yet; `tryRead` and `arm` do that too. */
  release(): void {
    if (this.#chunkBytes === 0) return
    this.#shared.held.add('chunks', -this.#chunkBytes)
    this.#chunkBytes = 0
  }

  // Writing ------------------------------------------------------------------------------------------------------------

  /**
   * Hands `queue` to the operating system, in pieces of at most 64 KiB, for as long as it accepts them at once. True when
   * nothing is left (or the connection is gone, and the queue cleared with it); false when a piece is outstanding: then
   * one `writable` edge follows. The bytes stay in the queue until they are accepted.
   */
  flush(queue: ByteQueue = this.outgoing): boolean {
    while (queue.length > 0) {
      if (this.#socket.destroyed) this.abort('reset')
      if (this.#state === 'closed') {
        this.#drop(queue)
        return true
      }
      if (this.#outstanding > 0) return false
      this.#write(queue)
    }
    return true
  }

  /** Flushes, and waits while the operating system is slow: settles when nothing is left or the connection is gone. */
  async flushed(who: Party, queue: ByteQueue = this.outgoing): Promise<void> {
    while (!this.flush(queue)) {
      using _ = this.#shared.waits.begin(who, { kind: 'reading', client: this.id })
      this.#writer = who
      await new Promise<void>((wake) => {
        this.#wakeWriter = wake
      })
      this.#writer = undefined
    }
  }

  #write(queue: ByteQueue): void {
    const socket = this.#socket
    const pieces = queue.pin(READ_BYTES)
    this.#outstandingQueue = queue
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) {
      this.#outstanding += piece.length
      this.#callbacksDue++
      socket.write(piece, this.#called)
    }
    if (pieces.length > 1) socket.uncork()
    if (this.#state === 'closed') return
    if (socket.errored) return // Nothing was accepted; `error` follows.
    if (socket.writableLength === 0) this.#accepted()
    else if (this.#shared.hurried) this.abort('shutdown-deadline')
    else
      this.#deadline = this.#shared.clock.after(this.#shared.limits.writeDeadlineMs, () => this.abort('write-deadline'))
  }

  /**
   * Callbacks come in order, one for each write, also for those known to be accepted already; only when none is due any
   * more do they speak of what is outstanding. An error needs no answer here: `error` or `close` follows.
   */
  readonly #called = (error?: Error | null): void => {
    this.#callbacksDue--
    if (error || this.#callbacksDue > 0 || this.#outstanding === 0) return
    this.#accepted()
    this.#signalWritable()
  }

  #accepted(): void {
    this.#deadline?.()
    this.#deadline = undefined
    const count = this.#outstanding
    this.#outstanding = 0
    this.#bytesOut += count
    this.#shared.statistics.bytesOut += count
    this.#outstandingQueue?.consume(count)
    this.#outstandingQueue = undefined
  }

  #signalWritable(): void {
    const wake = this.#wakeWriter
    this.#wakeWriter = undefined
    wake?.()
    this.#shared.edges.writable?.(this)
  }

  #drop(queue: ByteQueue): void {
    if (queue.length > 0) this.#shared.statistics.drop('aborted', 0, queue.length)
    queue.clear()
  }

  // The life of a connection -------------------------------------------------------------------------------------------

  /** `accepted` to `open`: from now on the protocol's sends reach it. */
  join(): void {
    if (this.#state === 'accepted') this.#state = 'open'
  }

  /** To `closing`: it is not connected any more; what is queued still goes out, then the pattern calls `end`. */
  leave(reason?: CloseReason): void {
    if (this.#state !== 'open' && this.#state !== 'accepted') return
    this.#reason ??= reason ?? (this.#finReceived ? 'client-fin' : 'server-shutdown')
    this.#state = 'closing'
    this.release()
    this.#shared.left(this)
    this.#signalAtEnd()
  }

  /** Sends FIN behind what was flushed, and lets the client finish too, for `lingerMs`. Doing it twice is harmless. */
  end(): void {
    if (this.#state !== 'closing' || this.#linger) return
    this.#linger = this.#shared.clock.after(this.#shared.limits.lingerMs, () => this.#socket.destroy())
    this.#socket.end()
    this.#rest = undefined
    this.#discard()
  }

  /** Ends it at once: what is queued is discarded, the peer sees a reset. Harmless when it is over already. */
  abort(reason: AbortReason): void {
    if (this.#state === 'closed') return
    const connected = this.#state !== 'closing'
    this.#state = 'closed'
    this.#reason = reason
    this.#by = this.#writer
    this.#deadline?.()
    this.#deadline = undefined
    this.#rest = undefined
    this.release()
    this.#drop(this.outgoing)
    if (this.#outstandingQueue) this.#drop(this.#outstandingQueue)
    this.#outstandingQueue = undefined
    this.#outstanding = 0
    if (connected) this.#shared.left(this)
    destroy(this.#socket)
    this.#signalAtEnd()
    this.#shared.turns.atEnd(() => this.#signalWritable())
  }

  /** R4.3: from now on what is not accepted at once ends its connection, and so does what was not by now. */
  hurry(): void {
    if (this.#outstanding > 0) this.abort('shutdown-deadline')
  }

  /**
   * Reads and throws away, so that a close does not become a reset that takes what the client has not yet read. One read a
   * turn here, too: a client that floods while it is closed would be read from 32 times as often as the others.
   */
  readonly #discard = (): void => {
    while (this.#socket.read() !== null);
  }

  /** The socket has closed: the one place where an end is counted. */
  #gone(): void {
    const { statistics, clock } = this.#shared
    if (this.#linger) this.#linger()
    else this.abort('reset')
    this.#state = 'closed'
    statistics.closed({
      client: this.id,
      reason: this.#reason ?? 'reset',
      at: clock.now(),
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      ...(this.#code !== undefined && { code: this.#code }),
      ...(this.#by && { by: this.#by }),
    })
    this.#shared.gone(this)
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
