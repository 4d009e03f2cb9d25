import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Address, Addressed, Greeting, Joining, Keepalive } from './dialect.ts'

/** How a client leaves: in order, by a reset, or as a program does that just drops its socket. */
export type Leaving = 'fin' | 'reset' | 'destroy'

export interface ClientOptions {
  readonly port: number
  /** What it reads into. All clients may share one: what one has read is used up before the next one reads. */
  readonly buffer: Uint8Array
  readonly greeting: Greeting
  /** Hears of an end that this client did not ask for. */
  readonly lost: (why: NodeJS.ErrnoException) => void
  readonly keepalive?: Keepalive | undefined
}

/** One client of a load, of which there may be thousands: what it reads costs no allocation, so that it is cheaper than its server. */
export class Client implements Addressed {
  /** What arrives behind the greeting; valid only during the call. */
  received: (bytes: Uint8Array) => void = () => {}
  /** Settles when the client can be reached; if its connection is lost before that, never. */
  readonly connected: Promise<void>
  /** What was read, the greeting included. */
  readBytes = 0
  readonly #socket: Socket
  readonly #keepalive: Keepalive | undefined
  #greeting: Joining | undefined
  #greetingBytes = 0
  #address: Address = 0
  #localPort = 0
  #paused = false
  #left = false
  #connected = (): void => {}

  constructor({ port, buffer, greeting, lost, keepalive }: ClientOptions) {
    this.#greeting = greeting
    this.#keepalive = keepalive
    this.connected = new Promise((resolve) => {
      this.#connected = resolve
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
    if (greeting.says) this.#socket.write(greeting.says)
  }

  /** Joins a group, once `connected` has settled. Nothing is received until that is complete; if the connection is lost before, never. */
  join(joining: Joining): Promise<void> {
    const joined = new Promise<void>((resolve) => {
      this.#connected = resolve
    })
    this.#greeting = joining
    if (joining.says) this.#socket.write(joining.says)
    return joined
  }

  /** Known once `connected` has settled. */
  get address(): Address {
    return this.#address
  }

  /** Whether the greeting is complete. */
  get greeted(): boolean {
    return this.#greeting === undefined
  }

  get greetingBytes(): number {
    return this.#greetingBytes
  }

  /** What the operating system has taken of what was written. */
  get takenBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength
  }

  /** Whether it has left, or is about to. */
  get left(): boolean {
    return this.#left
  }

  /** The connection's local port, also once it is gone; 0 before it was made. */
  get localPort(): number {
    return this.#localPort
  }

  /** `accepted` is called when the operating system has taken all of `bytes`, which must not change before. */
  write(bytes: Uint8Array, accepted?: () => void): void {
    if (accepted) this.#socket.write(bytes, (error) => error ?? accepted())
    else this.#socket.write(bytes)
  }

  /** Reads nothing more, from now on; how the server ends that is its own affair. */
  stall(): void {
    this.disown()
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
    this.#left = true
    this.disown()
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

  /** How this connection ends does not matter any more. */
  disown(): void {
    this.#socket.removeAllListeners('close').removeAllListeners('error')
    this.#socket.on('error', () => {}) // However it ends.
  }

  /** Returns whether reading goes on. */
  #read(bytes: Uint8Array): boolean {
    this.readBytes += bytes.length
    const rest = this.#greeting ? this.#hear(this.#greeting, bytes) : bytes
    if (rest.length > 0) {
      if (this.#keepalive) this.#withoutQuestions(this.#keepalive, rest)
      else this.received(rest)
    }
    return !this.#paused
  }

  /** Returns what stands behind the greeting. */
  #hear(greeting: Joining, bytes: Uint8Array): Uint8Array {
    const heard = greeting.hears(bytes)
    if (!heard) return bytes.subarray(bytes.length)
    if (heard.address !== undefined) this.#address = heard.address
    this.#greetingBytes = this.readBytes - heard.rest.length
    this.#greeting = undefined
    this.#connected()
    return heard.rest
  }

  /** A question that two reads cut in half is not found, and ends the run: it would be in one of a hundred thousand. */
  #withoutQuestions({ question, answer }: Keepalive, bytes: Uint8Array): void {
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(question)
    if (at === -1) return this.received(bytes)
    this.write(answer)
    if (at > 0) this.received(bytes.subarray(0, at))
    if (at + question.length < bytes.length) this.received(bytes.subarray(at + question.length))
  }
}
