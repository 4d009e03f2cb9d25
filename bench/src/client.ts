import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { READ_BYTES } from '@switchyard/core'
import type { Failure } from './failure.ts'
import { ID_BYTES } from './wire.ts'

/** The clients of one run. A connection that is lost ends the run. Disposing of them is leaving the server. */
export class Clients implements Disposable {
  readonly #port: number
  readonly #failure: Failure
  /** All read into the same memory: what one has read is used up before the next one reads. */
  readonly #buffer = Buffer.alloc(READ_BYTES)
  readonly #clients: Client[] = []

  constructor(port: number, failure: Failure) {
    this.#port = port
    this.#failure = failure
  }

  /** Settles when so many more clients have their ids. */
  async connect(count: number): Promise<readonly Client[]> {
    const clients = Array.from({ length: count }, () => new Client(this.#port, this.#buffer, this.#failure.fail))
    this.#clients.push(...clients)
    await this.#failure.unless(Promise.all(clients.map((client) => client.connected)))
    return clients
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.destroy()
  }
}

/** What it reads costs no allocation, so that a generator is cheaper than its server. */
export class Client {
  /** What arrives behind the id; valid only during the call. */
  received: (bytes: Uint8Array) => void = () => {}
  /** Settles when the client has its id; if its connection is lost before that, never. */
  readonly connected: Promise<void>
  readonly #socket: Socket
  #id = 0
  #idBytes = 0
  #paused = false
  #connected = (): void => {}

  constructor(port: number, buffer: Uint8Array, lost: (why: Error) => void) {
    this.connected = new Promise((resolve) => {
      this.#connected = resolve
    })
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer, callback: (length) => this.#read(buffer.subarray(0, length)) },
    })
    this.#socket.on('error', lost)
    this.#socket.on('close', () => lost(new Error('the server ended a connection')))
  }

  /** Known once `connected` has settled. */
  get id(): number {
    return this.#id
  }

  /** `accepted` is called when the operating system has taken all of `bytes`, which must not change before. */
  write(bytes: Uint8Array, accepted?: () => void): void {
    if (accepted) this.#socket.write(bytes, (error) => error ?? accepted())
    else this.#socket.write(bytes)
  }

  /** Reads nothing more, from now on; how the server ends that is its own affair. */
  stall(): void {
    this.#disown()
    this.#paused = true
    this.#socket.pause()
  }

  destroy(): void {
    this.#disown()
    this.#socket.destroy()
  }

  #disown(): void {
    this.#socket.removeAllListeners('close').removeAllListeners('error')
    this.#socket.on('error', () => {}) // Nobody is interested in how this connection ends.
  }

  /** Answers whether reading goes on. */
  #read(bytes: Uint8Array): boolean {
    const rest = this.#idBytes < ID_BYTES ? this.#readId(bytes) : bytes
    if (rest.length > 0) this.received(rest)
    return !this.#paused
  }

  /** The id may come in pieces. Returns what stands behind it. */
  #readId(bytes: Uint8Array): Uint8Array {
    let at = 0
    while (this.#idBytes < ID_BYTES && at < bytes.length) {
      this.#id = this.#id * 256 + bytes[at++]!
      this.#idBytes++
    }
    if (this.#idBytes === ID_BYTES) this.#connected()
    return bytes.subarray(at)
  }
}
