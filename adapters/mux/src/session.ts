import { EventEmitter, once } from 'node:events'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { liveClock, pair, READ_BYTES } from '@switchyard/core'
import type { Clock, Close, Listener, LocalStream, Pattern, Role, Server, WaitForGraph } from '@switchyard/core'
import {
  frame,
  GO_AWAY,
  HEADER_BYTES,
  headerIn,
  Mux,
  NORMAL,
  PING,
  PROTOCOL_ERROR,
  SYN,
  WINDOW_BYTES,
} from '@switchyard/protocols/mux'
import type { HeldUp, MuxOptions } from '@switchyard/protocols/mux'

export interface SessionOptions extends Partial<MuxOptions> {
  /** What runs the multiplexer. */
  readonly pattern: Pattern
  /** Which end this is: the one that opened the connection, or the one that accepted it. */
  readonly side: 'opens-trunks' | 'accepts-trunks'
  /** Default: `liveClock`. */
  readonly clock?: Clock
}

/** `ended`: the session or its connection has ended. `going-away`: the peer accepts no more streams. `refused`: it has reset this one. */
export type SessionErrorCode = 'ended' | 'going-away' | 'refused'

export class SessionError extends Error {
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SessionError'
    this.code = code
  }
}

/**
 * Why a session has ended. `closed`: by `close`. `peer-closed`: the peer has sent FIN. `no-answer`: it did not answer a ping.
 * `protocol-error`: it broke the rules, or says that we did. `lost`: the connection was reset, or failed.
 */
export interface SessionEnd {
  readonly code: 'closed' | 'peer-closed' | 'no-answer' | 'protocol-error' | 'lost'
  /** For a log. */
  readonly message: string
}

interface Events {
  connection: [stream: Duplex]
  error: [error: Error]
  /** The peer accepts no more streams; those that are open go on. The code is 0 in order, 1 after a protocol error, 2 after a fault of its own. */
  'going-away': [code: number]
  close: [why: SessionEnd]
}

/** A local stream's first bytes are its id, which stays inside. */
const ID_BYTES = 4
/** The local end takes a window for a user that does not read, and what is pending beside it. */
const CAPACITY = WINDOW_BYTES + READ_BYTES

/**
 * One connection and the streams in it. Streams that the peer opens come by `for await`, or as `connection` events once a pattern serves
 * the session; one of the two, since each takes what comes.
 */
export class Session extends EventEmitter<Events> implements Listener, AsyncDisposable {
  readonly #clock: Clock
  readonly #inner = new InnerListener()
  readonly #server: Server
  readonly #mux: Mux
  /** The ids of streams in use. */
  readonly #ids = new WeakMap<Duplex, number>()
  readonly #trunk: Duplex
  readonly #control: Duplex
  /** The ping that is under way, and the one that whoever asks meanwhile shares. */
  readonly #pings: Ping[] = []
  #pingNumber = 0
  #peerWentAway: number | undefined
  #why: SessionEnd | undefined
  /** Accepted, and not taken yet: at most one, since the next acceptor is parked when it is taken. */
  readonly #accepted: Duplex[] = []
  /** The ends that its users have, and the spare one. */
  readonly #streams = new Set<Duplex>()
  #wake: (() => void) | undefined
  #ended = false
  #closed: Promise<void> | undefined

  /** Takes ownership of `trunk`. */
  constructor(trunk: Duplex, { pattern, side, clock = liveClock, ...options }: SessionOptions) {
    super()
    this.#clock = clock
    this.#trunk = trunk
    this.#mux = new Mux(options, { opens: side === 'opens-trunks', echoes: false })
    this.#server = pattern.serve(this.#mux, this.#inner, {
      clock,
      journal: { closed: (close) => this.#connectionClosed(close) },
    })
    trunk.on('error', () => {}) // Its connection hears of it, and the journal tells when it is closed.
    this.#inner.bring(trunk, 'trunk')
    this.#control = this.#local('control')
    this.#control.on('error', () => {}) // It goes when the session does, which tells whoever waits.
    this.#control.on('readable', () => this.#controlled())
    this.#park()
  }

  /** Waits for the peer's next stream. */
  #park(): void {
    if (this.#ended) return
    const stream = this.#local('acceptor')
    void named(stream).then(
      (id) => {
        this.#ids.set(stream, id)
        this.#took(stream)
      },
      () => {}, // The session has ended before a stream came.
    )
  }

  #took(stream: Duplex): void {
    if (this.listenerCount('connection') > 0) {
      this.emit('connection', stream)
      this.#park()
    } else {
      this.#accepted.push(stream)
      this.#wake?.()
    }
  }

  #local(role: Role): LocalStream {
    const [outer, inner] = pair({ capacity: CAPACITY, clock: this.#clock, served: true })
    this.#streams.add(outer)
    outer.once('close', () => this.#streams.delete(outer))
    this.#inner.bring(inner, role)
    return outer
  }

  /**
   * Settles when the stream can be used: at once, if the peer has taken all but 255 of those that this end has opened, and else when that
   * is so. Rejects with SessionError.
   */
  async openStream(): Promise<Duplex> {
    this.#expectOpen()
    const stream = this.#local('opener')
    try {
      this.#ids.set(stream, await named(stream))
    } catch (cause) {
      this.#expectOpen(cause)
      throw new SessionError('refused', 'the peer has reset the stream', { cause })
    }
    return stream
  }

  /**
   * The time until the peer's answer, ms, by the session's clock. Whoever asks while one is under way shares the next one.
   * Rejects with SessionError when the session ends; the keepalive sees to that, if the peer is gone.
   */
  ping(): Promise<number> {
    if (this.#ended) return Promise.reject(this.#endedError())
    const waiting = this.#pings[1]
    if (waiting) return waiting.answer
    const ping = new Ping()
    this.#pings.push(ping)
    if (this.#pings.length === 1) this.#sendPing(ping)
    return ping.answer
  }

  /** Accepts no more streams from now on, and tells the peer; those that are open go on. */
  goAway(): void {
    if (!this.#ended) this.#control.write(frame(GO_AWAY, 0, 0, NORMAL))
  }

  /** Streams in use that have something to send and can't, and what each waits for. */
  heldUp(): readonly (HeldUp & { readonly stream: Duplex })[] {
    const held = new Map(this.#mux.heldUp().map((each) => [each.id, each]))
    return [...this.#streams].flatMap((stream) => {
      const each = held.get(this.#ids.get(stream) ?? 0)
      return each ? [{ ...each, stream }] : []
    })
  }

  /** Who waits for whom in the multiplexer. */
  get waits(): WaitForGraph {
    return this.#server.waits
  }

  /** The streams that the peer opens, until the session ends. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Duplex, void, undefined> {
    for (;;) {
      const stream = this.#accepted.shift()
      if (stream) {
        this.#park()
        yield stream
      } else if (this.#ended) return
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
    }
  }

  /** Tells the peer, and ends the connection; streams that still stand are destroyed, with ECONNRESET where it ends by itself. Settles when all of that is done. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end())
  }

  async #end(): Promise<void> {
    this.#ended = true
    this.#why ??= { code: 'closed', message: 'the session was closed' }
    this.#wake?.()
    for (const ping of this.#pings.splice(0)) ping.fail(this.#endedError())
    for (const stream of this.#accepted.splice(0)) stream.destroy()
    for (const stream of this.#streams) stream.destroy(this.#why.code === 'closed' ? undefined : lost(this.#why))
    await this.#server.shutdown()
    this.#trunk.destroy()
    this.emit('close', this.#why)
  }

  #expectOpen(cause?: unknown): void {
    if (this.#ended) throw this.#endedError(cause)
    if (this.#peerWentAway === undefined) return
    throw new SessionError('going-away', `the peer accepts no more streams (code ${this.#peerWentAway})`, { cause })
  }

  #endedError(cause?: unknown): SessionError {
    return new SessionError('ended', `the session has ended: ${this.#why?.message ?? 'it is closing'}`, { cause })
  }

  // Control ----------------------------------------------------------------------------------------------------------

  #sendPing(ping: Ping): void {
    this.#pingNumber = (this.#pingNumber % PINGS_MAX) + 1
    ping.number = this.#pingNumber
    ping.sentAt = this.#clock.now()
    this.#control.write(frame(PING, SYN, 0, ping.number))
  }

  #controlled(): void {
    for (;;) {
      const bytes: unknown = this.#control.read(HEADER_BYTES)
      if (!(bytes instanceof Uint8Array) || bytes.length < HEADER_BYTES) return
      const { type, length } = headerIn(bytes)
      if (type === PING) this.#answered(length)
      else if (type === GO_AWAY) {
        this.#peerWentAway = length
        this.emit('going-away', length)
      }
    }
  }

  #answered(number: number): void {
    const [ping] = this.#pings
    if (ping?.number !== number) return
    this.#pings.shift()
    ping.end(this.#clock.now() - ping.sentAt)
    const [next] = this.#pings
    if (next) this.#sendPing(next)
  }

  #connectionClosed(close: Close): void {
    if (close.client !== TRUNK) return
    this.#why ??= whyEnded(close, this.#peerWentAway)
    this.#clock.turn(() => void this.close()) // The step that closes it goes on.
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The connection is the first that a session brings to its pattern. */
const TRUNK = 1
/** 0 is the keepalive's own. */
const PINGS_MAX = 2 ** 32 - 1

class Ping {
  readonly answer: Promise<number>
  number = 0
  sentAt = 0
  end: (ms: number) => void = () => {}
  fail: (error: SessionError) => void = () => {}

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.end = resolve
      this.fail = reject
    })
  }
}

/** What a stream's user hears, as of a socket's. */
function lost({ message }: SessionEnd): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}

function whyEnded({ reason, why, code }: Close, wentAway: number | undefined): SessionEnd {
  if (wentAway === PROTOCOL_ERROR)
    return { code: 'protocol-error', message: 'the peer says that this end broke the rules' }
  switch (reason) {
    case 'protocol-abort':
      return { code: 'no-answer', message: why ?? reason }
    case 'protocol-close':
      return why === undefined
        ? { code: 'peer-closed', message: 'the peer has closed the connection' }
        : { code: 'protocol-error', message: why }
    case 'client-fin':
      return { code: 'peer-closed', message: 'the peer has closed the connection' }
    case 'server-shutdown':
      return { code: 'closed', message: 'the session was closed' }
    case 'reset':
    case 'write-deadline':
    case 'held-bytes':
    case 'message-too-long':
    case 'shutdown-deadline':
      return { code: 'lost', message: `the connection was lost (${code ?? reason})` }
  }
}

/** Opens a TCP connection, and a session on it. Rejects with the operating system's error. */
export async function connect(
  place: { readonly host?: string; readonly port: number },
  options: Omit<SessionOptions, 'side'>,
): Promise<Session> {
  const socket = new Socket({ allowHalfOpen: true })
  socket.setNoDelay(true).setKeepAlive(true).connect(place)
  try {
    await once(socket, 'connect')
  } catch (error) {
    socket.destroy()
    throw error
  }
  return new Session(socket, { ...options, side: 'opens-trunks' })
}

/** Settles with the stream's id once it has come, which is taken out. Rejects if the stream ends before. */
function named(stream: Duplex): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (): void => reject(new Error('the stream has ended'))
    const readable = (): void => {
      const id: unknown = stream.read(ID_BYTES)
      if (!(id instanceof Uint8Array)) return
      stream.off('readable', readable)
      stream.off('close', failed)
      stream.off('end', failed)
      stream.off('error', failed)
      resolve(new DataView(id.buffer, id.byteOffset).getUint32(0))
    }
    stream.on('readable', readable)
    stream.on('close', failed)
    stream.on('end', failed)
    stream.on('error', failed)
  })
}

/** Brings a session's own connections to its pattern: the trunk, and the inner ends of streams. */
class InnerListener extends EventEmitter<{ connection: [socket: Duplex]; error: [error: Error] }> implements Listener {
  readonly #roles = new WeakMap<Duplex, Role>()

  bring(stream: Duplex, role: Role): void {
    this.#roles.set(stream, role)
    this.emit('connection', stream)
  }

  roleOf(stream: Duplex): Role {
    return this.#roles.get(stream) ?? 'trunk'
  }

  close(): void {}
}
