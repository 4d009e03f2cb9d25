import { Duplex } from 'node:stream'
import type { Listener, Role } from '@switchyard/core'
import { Pipe } from './pipe.ts'

/** What the kernel of the simulated machine keeps for each connection, bytes. */
export interface Buffers {
  /** From a client, not yet read by the server. */
  readonly receiveBytes: number
  /** Accepted from the server, not yet read by the client. */
  readonly sendBytes: number
}

/** How a connection ended, as its client sees it. */
export type End = 'fin' | 'reset'

/** One direction of a connection: what a kernel holds of it, and whether it has ended. */
export type Direction = 'to-server' | 'to-client'

/** Who has to do with a connection beyond its two ends. */
export interface LinkHooks {
  /** How much of a write the kernel takes at once, of what it has space for: at least 2 bytes. */
  acceptable(space: number): number
  /** A direction is about to be changed, or looked at in a way on which something depends. */
  touched(direction: Direction): void
}

type Done = (error?: Error | null) => void

/**
 * One connection between a client and the server under test, as two kernels would keep it. Nothing in it moves by itself:
 * what a client sent reaches the server when `deliver` is called, and the rest of a write is accepted when `accept` is. So
 * every order of events is somebody's choice.
 */
export class Link {
  readonly #toServer: Pipe
  readonly #toClient: Pipe
  readonly socket: Duplex
  readonly #hooks: LinkHooks
  #wanted = false
  #write: { readonly bytes: Uint8Array; accepted: number; readonly done: Done } | undefined
  #clientFin: 'no' | 'sent' | 'delivered' = 'no'
  #clientReset = false
  #serverFin = false
  #serverGone = false
  #end: End | undefined

  constructor(buffers: Buffers, hooks: LinkHooks) {
    this.#toServer = new Pipe(buffers.receiveBytes)
    this.#toClient = new Pipe(buffers.sendBytes)
    this.#hooks = hooks
    this.socket = new SimSocket({
      read: () => {
        this.#wanted = true
      },
      write: (bytes, done) => this.#startWrite(bytes, done),
      final: () => {
        hooks.touched('to-client')
        this.#serverFin = true
      },
      destroy: (reset) => this.#destroyed(reset),
    })
  }

  // The client's side ---------------------------------------------------------------------------------------------------

  /** How much the client could send now. */
  get space(): number {
    return this.#end ? 0 : this.#toServer.space
  }

  /** How much the client could read now. */
  get readable(): number {
    return this.#toClient.length
  }

  /** How the connection ended, once the client has read all that came before. */
  get end(): End | undefined {
    if (this.#end === 'reset') return 'reset'
    return this.#serverFin && this.#toClient.length === 0 ? 'fin' : undefined
  }

  /** The client sends; answers with how many bytes its kernel took. Sending to a server that is gone ends in a reset. */
  send(bytes: Uint8Array): number {
    this.#hooks.touched('to-server')
    if (this.#serverGone) {
      this.#ended()
      return bytes.length
    }
    return this.#toServer.put(bytes)
  }

  fin(): void {
    this.#hooks.touched('to-server')
    if (this.#clientFin === 'no') this.#clientFin = 'sent'
  }

  reset(): void {
    this.#clientReset = true
    this.#ended()
  }

  take(max: number): Uint8Array {
    this.#hooks.touched('to-client')
    return this.#toClient.take(max)
  }

  // The server's side ---------------------------------------------------------------------------------------------------

  /** What the server would read now: nothing, bytes, FIN or the client's reset. */
  get arrival(): 'none' | 'bytes' | 'fin' | 'reset' {
    if (this.#serverGone) return 'none'
    if (this.#clientReset) return this.#wanted || this.#write ? 'reset' : 'none'
    if (!this.#wanted) return 'none'
    if (this.#toServer.length > 0) return 'bytes'
    return this.#clientFin === 'sent' ? 'fin' : 'none'
  }

  /** What has arrived at the server's kernel and was not read. */
  unread(): Uint8Array {
    return this.#toServer.peek()
  }

  /** The server reads what has arrived; of bytes, the first `max`. Answers with how many. */
  deliver(max: number): number {
    switch (this.arrival) {
      case 'bytes': {
        this.#hooks.touched('to-server')
        const bytes = this.#toServer.take(max)
        this.#wanted = false
        this.socket.push(bytes)
        return bytes.length
      }
      case 'fin':
        this.#hooks.touched('to-server')
        this.#wanted = false
        this.#clientFin = 'delivered'
        this.socket.push(null)
        return 0
      case 'reset':
        this.socket.destroy(failure('ECONNRESET'))
        return 0
      case 'none':
        throw new Error('nothing has arrived that the server wants')
    }
  }

  /** Whether a write waits, and the kernel has space for more of it. */
  get acceptable(): boolean {
    return this.#write !== undefined && !this.#clientReset && this.#toClient.space > 0
  }

  /** Bytes of a write that the kernel has not accepted. */
  get pending(): number {
    return this.#write ? this.#write.bytes.length - this.#write.accepted : 0
  }

  /** The kernel accepts more of the write that waits. Answers with how many bytes. */
  accept(): number {
    const write = this.#write
    if (!write) throw new Error('no write waits')
    const accepted = this.#put(write.bytes.subarray(write.accepted))
    write.accepted += accepted
    if (write.accepted === write.bytes.length) {
      this.#write = undefined
      write.done()
    }
    return accepted
  }

  /** The server's end of this connection is destroyed. */
  get gone(): boolean {
    return this.#serverGone
  }

  #put(bytes: Uint8Array): number {
    this.#hooks.touched('to-client')
    const space = Math.min(this.#toClient.space, bytes.length)
    return space === 0 ? 0 : this.#toClient.put(bytes, space === 1 ? 1 : this.#hooks.acceptable(space))
  }

  #startWrite(bytes: Uint8Array, done: Done): void {
    if (this.#clientReset) {
      this.#hooks.touched('to-client')
      return done(failure('EPIPE'))
    }
    const accepted = this.#put(bytes)
    if (accepted === bytes.length) return done()
    this.#write = { bytes, accepted, done }
  }

  /** As a kernel closes: with input that nobody read it is a reset, and takes along what the client had not read. */
  #destroyed(reset: boolean): void {
    this.#hooks.touched('to-server')
    this.#hooks.touched('to-client')
    this.#serverGone = true
    this.#write = undefined
    if (reset || this.#toServer.length > 0) this.#ended()
    else this.#serverFin = true
  }

  #ended(): void {
    this.#hooks.touched('to-server')
    this.#hooks.touched('to-client')
    this.#end = 'reset'
    this.#toServer.clear()
    this.#toClient.clear()
  }
}

interface Kernel {
  read(): void
  write(bytes: Uint8Array, done: Done): void
  final(): void
  destroy(reset: boolean): void
}

/** The server's end: what a pattern takes for a `net.Socket`. */
class SimSocket extends Duplex {
  readonly #kernel: Kernel
  #reset = false

  constructor(kernel: Kernel) {
    super({ allowHalfOpen: true, readableHighWaterMark: 0, writableHighWaterMark: 64 * 1024, decodeStrings: false })
    this.#kernel = kernel
  }

  override _read(): void {
    this.#kernel.read()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#kernel.write(chunk, done)
  }

  override _final(done: Done): void {
    this.#kernel.final()
    done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#kernel.destroy(this.#reset)
    done(error)
  }

  resetAndDestroy(): this {
    this.#reset = true
    return this.destroy()
  }
}

/** Brings connections to a server, as `net.Server` does. */
export class SimListener implements Listener {
  #accept: ((socket: Duplex) => void) | undefined
  readonly #roles = new WeakMap<Duplex, Role>()
  #closed = false

  on(event: 'connection', accept: (socket: Duplex) => void): this
  on(event: 'error', failed: (error: Error) => void): this
  on(...[event, listener]: ['connection', (socket: Duplex) => void] | ['error', (error: Error) => void]): this {
    if (event === 'connection') this.#accept = listener
    return this
  }

  off(event: 'connection' | 'error'): this {
    if (event === 'connection') this.#accept = undefined
    return this
  }

  close(): void {
    this.#closed = true
  }

  roleOf(socket: Duplex): Role {
    return this.#roles.get(socket) ?? 'client'
  }

  /** Connects; false if the server has stopped listening. */
  connect(link: Link, role?: Role): boolean {
    if (this.#closed || !this.#accept) return false
    if (role !== undefined) this.#roles.set(link.socket, role)
    this.#accept(link.socket)
    return true
  }
}

function failure(code: 'ECONNRESET' | 'EPIPE'): NodeJS.ErrnoException {
  return Object.assign(new Error(`simulated ${code}`), { code })
}
