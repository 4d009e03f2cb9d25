import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { readId } from '@switchyard/protocols/router/suite'

const ID_BYTES = 4

/** How a client leaves: in order, by a reset, or as a program does that just drops its socket. */
export type Leaving = 'fin' | 'reset' | 'destroy'

/** One client, of which there may be thousands: what it reads costs no allocation. */
export class Client {
  /** What arrives behind the id; valid only during the call. */
  received: (bytes: Uint8Array) => void = () => {}
  /** Settles when the client has its id; if its connection is lost before that, never. */
  readonly connected: Promise<void>
  /** What the operating system has taken of what was written, and what was read of what came, the id included. */
  takenBytes = 0
  readBytes = 0
  readonly #socket: Socket
  readonly #idBytes = new Uint8Array(ID_BYTES)
  #idLength = 0
  #localPort = 0
  #paused = false
  #hasId = (): void => {}

  /** All clients may share one `buffer`. `lost` hears of an end that this client did not ask for. */
  constructor(port: number, buffer: Uint8Array, lost: (why: NodeJS.ErrnoException) => void) {
    this.connected = new Promise((resolve) => {
      this.#hasId = resolve
    })
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer, callback: (length) => this.#read(buffer.subarray(0, length)) },
    })
    this.#socket.once('connect', () => {
      this.#localPort = this.#socket.localPort ?? 0
    })
    this.#socket.on('error', lost)
    this.#socket.on('close', () => lost(new Error('the server ended a connection')))
  }

  get hasId(): boolean {
    return this.#idLength === ID_BYTES
  }

  /** Of the connection, even when it is gone; 0 before it stood. */
  get localPort(): number {
    return this.#localPort
  }

  /** Known once `connected` has settled. */
  get id(): number {
    return readId(this.#idBytes)
  }

  /** `accepted` is called when the operating system has taken all of `bytes`, which must not change before. */
  write(bytes: Uint8Array, accepted?: () => void): void {
    this.#socket.write(bytes, (error) => {
      if (error) return
      this.takenBytes += bytes.length
      accepted?.()
    })
  }

  /** Reads nothing more, from now on; how the server ends that is its own affair. */
  stall(): void {
    this.#disown()
    this.pause()
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    this.#socket.resume()
  }

  /** Settles when the socket is gone. */
  leave(how: Leaving): Promise<void> {
    this.#disown()
    const gone = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve()
      else this.#socket.once('close', () => resolve())
    })
    switch (how) {
      case 'fin':
        this.#socket.end()
        break
      case 'reset':
        this.#socket.resetAndDestroy()
        break
      case 'destroy':
        this.#socket.destroy()
    }
    return gone
  }

  #disown(): void {
    this.#socket.removeAllListeners('close').removeAllListeners('error')
    this.#socket.on('error', () => {}) // Nobody is interested in how this connection ends.
  }

  /** Answers whether reading goes on. */
  #read(bytes: Uint8Array): boolean {
    this.readBytes += bytes.length
    const rest = this.#idLength < ID_BYTES ? this.#readId(bytes) : bytes
    if (rest.length > 0) this.received(rest)
    return !this.#paused
  }

  /** The id may come in pieces. Returns what stands behind it. */
  #readId(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, ID_BYTES - this.#idLength)
    this.#idBytes.set(part, this.#idLength)
    this.#idLength += part.length
    if (this.#idLength === ID_BYTES) this.#hasId()
    return bytes.subarray(part.length)
  }
}
