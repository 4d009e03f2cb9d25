import { EventEmitter, once } from 'node:events'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { liveClock, pair, READ_BYTES } from '@switchyard/core'
import type { Clock, Listener, LocalStream, Pattern, Role, Server } from '@switchyard/core'
import { Mux, WINDOW_BYTES } from '@switchyard/protocols/mux'
import type { MuxOptions } from '@switchyard/protocols/mux'

export interface SessionOptions extends Partial<MuxOptions> {
  /** What runs the multiplexer. */
  readonly pattern: Pattern
  /** Which end this is: the one that opened the connection, or the one that accepted it. */
  readonly side: 'opens-trunks' | 'accepts-trunks'
  /** Default: `liveClock`. */
  readonly clock?: Clock
}

/** `ended`: the session or its connection has ended. `refused`: the peer has reset the stream, or goes away. */
export class SessionError extends Error {
  readonly code: 'ended' | 'refused'

  constructor(code: 'ended' | 'refused', message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SessionError'
    this.code = code
  }
}

interface Events {
  connection: [stream: Duplex]
  error: [error: Error]
  close: []
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
  readonly #trunk: Duplex
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
    this.#server = pattern.serve(new Mux(options, { opens: side === 'opens-trunks', echoes: false }), this.#inner, {
      clock,
    })
    trunk.on('error', () => {}) // Its connection hears of it; here `close` is what counts.
    trunk.once('close', () => void this.close())
    this.#inner.bring(trunk, 'trunk')
    this.#park()
  }

  /** Waits for the peer's next stream. */
  #park(): void {
    if (this.#ended) return
    const stream = this.#local('acceptor')
    void named(stream).then(
      () => {
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
    const [outer, inner] = pair({ capacity: CAPACITY, clock: this.#clock })
    this.#streams.add(outer)
    outer.once('close', () => this.#streams.delete(outer))
    this.#inner.bring(inner, role)
    return outer
  }

  /** Settles when the stream can be used: it need not have been acknowledged. Rejects with SessionError. */
  async openStream(): Promise<Duplex> {
    if (this.#ended) throw new SessionError('ended', 'the session has ended')
    const stream = this.#local('opener')
    try {
      await named(stream)
    } catch (cause) {
      throw new SessionError(this.#ended ? 'ended' : 'refused', 'no stream was opened', { cause })
    }
    return stream
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

  /** Tells the peer, and ends the connection; streams that still stand are destroyed. Settles when all of that is done. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end())
  }

  async #end(): Promise<void> {
    this.#ended = true
    this.#wake?.()
    for (const stream of this.#streams) stream.destroy()
    await this.#server.shutdown()
    this.#trunk.destroy()
    this.emit('close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Opens a TCP connection, and a session on it. Rejects with the operating system's error. */
export async function connect(
  place: { readonly host?: string; readonly port: number },
  options: Omit<SessionOptions, 'side'>,
): Promise<Session> {
  const socket = new Socket({ allowHalfOpen: true })
  socket.setNoDelay(true).connect(place)
  await once(socket, 'connect')
  return new Session(socket, { ...options, side: 'opens-trunks' })
}

/** Settles once the stream's id has come, which is taken out. Rejects if the stream ends before. */
function named(stream: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (): void => reject(new Error('the stream has ended'))
    const readable = (): void => {
      const id: unknown = stream.read(ID_BYTES)
      if (id === null) return
      stream.off('readable', readable)
      stream.off('close', failed)
      stream.off('end', failed)
      stream.off('error', failed)
      resolve()
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
