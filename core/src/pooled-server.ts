/* oxlint-disable no-underscore-dangle -- they are Node's names */
import { Server, Socket } from 'node:net'
import type { OnReadOpts, ServerOpts, SocketConstructorOpts } from 'node:net'
import { Duplex } from 'node:stream'
import { READ_BYTES } from './limits.ts'

/** Free chunks that are kept: 1 MiB of them. */
const FREE_MAX = 16

/**
 * A `net.Server` whose full reads land in memory that is used again.
 *
 * Node allocates 64 KiB for every read and leaves them to the garbage collector: under load a fifth to a third of a
 * server's time (measured, 32 B and 1 KiB pipelined). Here every socket reads into one buffer, from which a full read is
 * copied into a chunk of a pool, any other into memory of its own size. `recycle` takes a chunk back.
 *
 * Node offers `onread` to clients only, and to a server's sockets by an undocumented door: a second socket around the same
 * handle. Where that is shut, sockets stay as Node made them.
 */
export class PooledServer extends Server {
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  readonly #free: Buffer[] = []
  readonly #lent = new WeakSet<Uint8Array>()
  readonly #highWaterMark: number

  constructor(options: ServerOpts) {
    super(options)
    this.#highWaterMark = options.highWaterMark ?? 0
  }

  /** Whoever was given `chunk` uses it no more. Anything that is no chunk of the pool is left alone. */
  recycle(chunk: Uint8Array): void {
    if (!(chunk instanceof Buffer) || !this.#lent.delete(chunk)) return
    if (this.#free.length < FREE_MAX) this.#free.push(chunk)
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    const [socket] = args
    if (event !== 'connection' || !(socket instanceof Socket)) return super.emit(event, ...args)
    return super.emit(event, this.#adopt(socket))
  }

  #adopt(made: Socket): Socket {
    if (!hasInside(made) || made._handle === null) return made
    const options: SocketOptions = {
      handle: made._handle,
      allowHalfOpen: true,
      readableHighWaterMark: this.#highWaterMark,
      writableHighWaterMark: this.#highWaterMark,
      onread: { buffer: this.#buffer, callback: (bytes: number) => socket.push(this.#chunk(bytes)) },
    }
    const socket = new PooledSocket(options)
    if (!hasInside(socket)) throw new Error('a socket of another make')
    socket._server = made._server
    made._handle = null
    made._server = null
    return socket
  }

  #chunk(bytes: number): Buffer {
    if (bytes < READ_BYTES) {
      const chunk = Buffer.allocUnsafeSlow(bytes)
      chunk.set(this.#buffer.subarray(0, bytes))
      return chunk
    }
    const chunk = this.#free.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES)
    chunk.set(this.#buffer)
    this.#lent.add(chunk)
    return chunk
  }
}

/** With `onread`, Node's own `read` asks the kernel for more whenever something is taken: a read that nobody wanted (R5.4). */
class PooledSocket extends Socket {
  override read(bytes?: number): unknown {
    return Duplex.prototype.read.call(this, bytes)
  }
}

/** What Node's sockets have and its documentation does not name. */
interface Inside {
  _handle: object | null
  _server: Server | null
}

interface SocketOptions extends SocketConstructorOpts {
  readonly handle: object
  readonly onread: OnReadOpts
  readonly readableHighWaterMark: number
  readonly writableHighWaterMark: number
}

function hasInside(socket: Socket): socket is Socket & Inside {
  return '_handle' in socket && '_server' in socket
}
