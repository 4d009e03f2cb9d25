/* oxlint-disable no-underscore-dangle -- they are Node's names */
import { Server, Socket } from 'node:net'
import type { OnReadOpts, ServerOpts, SocketConstructorOpts } from 'node:net'
import { Duplex } from 'node:stream'
import { READ_BYTES } from '../limits.ts'
import type { Role } from '../protocol.ts'
import { KernelQueues } from './kernel-queues.ts'
import { ReadPool } from './read-pool.ts'
import type { Landing } from './read-pool.ts'

/** So many sockets at a time go on reading: libuv asks the kernel again in the same turn when it brought 1024 events. */
const GOING_ON_MAX = 512

/**
 * A `net.Server` whose reads cost less than Node's own, and bring no byte that was not asked for.
 *
 * Memory     Node allocates 64 KiB for every read and leaves them to the garbage collector: under load a fifth to a third
 *            of a server's time (measured, 32 B and 1 KiB pipelined). Here every socket reads into one buffer. What it brings is
 *            copied: from 8 KiB on into memory of a pool, which `recycle` takes back, otherwise into memory of its own size.
 * Calls      Without a read-ahead, Node stops reading after every chunk and starts again when the next one is asked for:
 *            two calls of the kernel more for each read and write of a round trip. Here a socket goes on when it is asked
 *            for more in the turn that brought the chunk, and stops at that turn's end if it is not.
 *
 * Node offers `onread` to clients only, and to a server's sockets by an undocumented door: a second socket around the same
 * handle. Where that is shut, sockets stay as Node made them.
 */
export class PooledServer extends Server {
  /** Absent: all connections are clients. */
  roleOf?: (socket: Duplex) => Role
  readonly #reads = new ReadPool()
  readonly #kernelQueues = new KernelQueues()
  readonly #highWaterMark: number
  /** Have brought a chunk in this turn, and have not stopped. */
  #goingOn: PooledSocket[] = []
  /** Have written in this turn. */
  #wrote: PooledSocket[] = []

  constructor(options: ServerOpts) {
    super(options)
    this.#highWaterMark = options.highWaterMark ?? 0
  }

  recycle(chunk: Uint8Array): void {
    this.#reads.recycle(chunk)
  }

  untaken(socket: Duplex): Promise<number | undefined> {
    return this.#kernelQueues.untaken(socket)
  }

  gather(socket: Duplex): void {
    if (!(socket instanceof PooledSocket)) return
    if (socket.wrote) return socket.cork()
    socket.wrote = true
    if (this.#wrote.length === 0) setImmediate(this.#writeGathered)
    this.#wrote.push(socket)
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const [socket] = args
    if (event !== 'connection' || !(socket instanceof Socket)) return super.emit(event, ...args)
    return super.emit(event, this.#adopt(socket))
  }

  #adopt(made: Socket): Socket {
    if (!hasInside(made) || made._handle === null) return made
    const landing = this.#reads.landing()
    const options: SocketOptions = {
      handle: made._handle,
      allowHalfOpen: true,
      readableHighWaterMark: this.#highWaterMark,
      writableHighWaterMark: this.#highWaterMark,
      onread: { buffer: () => landing.buffer, callback: (bytes: number) => this.#read(socket, bytes, landing) },
    }
    const socket = new PooledSocket(options, this.#reads, landing)
    if (!hasInside(socket)) throw new Error('a socket of another make')
    socket._server = made._server
    made._handle = null
    made._server = null
    return socket
  }

  /** Answers whether the socket goes on reading. After a full read the kernel has more, and would be asked at once. */
  #read(socket: PooledSocket, bytes: number, landing: Landing): boolean {
    const first = socket.asked
    socket.asked = false
    socket.push(this.#reads.take(landing, bytes))
    if (bytes === READ_BYTES || !first || this.#goingOn.length === GOING_ON_MAX) return false
    // A tick later, so that it comes behind the turn that the chunk leads to.
    if (this.#goingOn.length === 0) process.nextTick(() => setImmediate(this.#turnEnded))
    if (this.#goingOn.push(socket) === GOING_ON_MAX) this.#stopUnasked()
    return true
  }

  #stopUnasked(): void {
    for (const socket of this.#goingOn) if (!socket.asked) socket.stopReading()
  }

  readonly #writeGathered = (): void => {
    const wrote = this.#wrote
    this.#wrote = []
    for (const socket of wrote) {
      socket.wrote = false
      socket.uncork()
    }
  }

  readonly #turnEnded = (): void => {
    this.#stopUnasked()
    this.#goingOn = []
  }
}

class PooledSocket extends Socket {
  /** For a chunk that has not come yet. */
  asked = true
  /** In this turn. */
  wrote = false
  readonly #reads: ReadPool
  readonly #landing: Landing

  constructor(options: SocketOptions, reads: ReadPool, landing: Landing) {
    super(options)
    this.#reads = reads
    this.#landing = landing
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    super._destroy(error, callback)
    this.#reads.giveBack(this.#landing)
  }

  override _read(bytes: number): void {
    this.asked = true
    super._read(bytes)
  }

  stopReading(): void {
    if (!hasInside(this) || this._handle === null) return
    this._handle.reading = false
    this._handle.readStop()
  }

  /** With `onread`, Node's own asks the kernel for more whenever something is taken: a read that nobody wanted (R5.4). */
  override read(bytes?: number): unknown {
    return Duplex.prototype.read.call(this, bytes)
  }
}

/** What Node's sockets have and its documentation does not name. */
interface Inside {
  _handle: Handle | null
  _server: Server | null
}

interface Handle {
  reading: boolean
  readStop(): void
}

interface SocketOptions extends SocketConstructorOpts {
  readonly handle: Handle
  readonly onread: OnReadOpts
  readonly readableHighWaterMark: number
  readonly writableHighWaterMark: number
}

function hasInside(socket: Socket): socket is Socket & Inside {
  return '_handle' in socket && '_server' in socket
}
