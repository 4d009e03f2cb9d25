import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Aside, Dialect, Greeting } from './dialects/dialect.ts'
import { router } from './dialects/router.ts'
import type { Failure } from './failure.ts'

/** Most of what a client reads at a time: the fewer reads, the cheaper the generator. */
const READ_BYTES = 256 * 1024
/** So many connections are begun at a time: more than any server's backlog holds would be begun again and again. */
const CONNECTING_MAX = 256

/** The clients of one run. A connection that is lost ends the run. Disposing of them is leaving the server. */
export class Clients implements Disposable {
  readonly #port: number
  readonly #failure: Failure
  readonly #dialect: Dialect
  /** All read into the same memory: what one has read is used up before the next one reads. */
  readonly #buffer = Buffer.alloc(READ_BYTES)
  readonly #clients: Client[] = []

  constructor(port: number, failure: Failure, dialect: Dialect = router) {
    this.#port = port
    this.#failure = failure
    this.#dialect = dialect
  }

  /** Settles when so many more clients can be reached. In the order in which the server accepted them, if ids tell it. */
  async connect(count: number): Promise<readonly Client[]> {
    const clients: Client[] = []
    while (clients.length < count) {
      const next = Array.from({ length: Math.min(CONNECTING_MAX, count - clients.length) }, () => this.#begin())
      clients.push(...next)
      await this.#failure.unless(Promise.all(next.map((client) => client.connected)))
    }
    return clients.toSorted((one, other) => one.id - other.id)
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.destroy()
  }

  #begin(): Client {
    const greeting = this.#dialect.greet(this.#clients.length + 1)
    const client = new Client(this.#port, this.#buffer, greeting, this.#failure.fail, this.#dialect.aside)
    this.#clients.push(client)
    return client
  }
}

/** What it reads costs no allocation, so that a generator is cheaper than its server. */
export class Client {
  /** What arrives behind the greeting; valid only during the call. */
  received: (bytes: Uint8Array) => void = () => {}
  /** Settles when the client can be reached; if its connection is lost before that, never. */
  readonly connected: Promise<void>
  readonly #socket: Socket
  readonly #aside: Aside | undefined
  #greeting: Greeting | undefined
  #id = 0
  #paused = false
  #connected = (): void => {}

  constructor(port: number, buffer: Uint8Array, greeting: Greeting, lost: (why: Error) => void, aside?: Aside) {
    this.#greeting = greeting
    this.#aside = aside
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
    if (greeting.says) this.#socket.write(greeting.says)
  }

  /** By which others reach it. Known once `connected` has settled. */
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
    this.disown()
    this.pause()
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  resume(): void {
    this.#paused = false
    this.#socket.resume()
  }

  destroy(): void {
    this.disown()
    this.#socket.destroy()
  }

  /** How this connection ends does not matter any more. */
  disown(): void {
    this.#socket.removeAllListeners('close').removeAllListeners('error')
    this.#socket.on('error', () => {}) // Nobody is interested in how this connection ends.
  }

  /** Answers whether reading goes on. */
  #read(bytes: Uint8Array): boolean {
    const rest = this.#greeting ? this.#hear(this.#greeting, bytes) : bytes
    if (rest.length > 0) {
      if (this.#aside) this.#withoutAside(this.#aside, rest)
      else this.received(rest)
    }
    return !this.#paused
  }

  /** Returns what stands behind the greeting. */
  #hear(greeting: Greeting, bytes: Uint8Array): Uint8Array {
    const heard = greeting.hears(bytes)
    if (!heard) return bytes.subarray(bytes.length)
    this.#id = heard.address
    this.#greeting = undefined
    this.#connected()
    return heard.rest
  }

  /** A question that two reads cut in half is not found, and ends the run: it would be in one of a hundred thousand. */
  #withoutAside({ question, answer }: Aside, bytes: Uint8Array): void {
    const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(question)
    if (at === -1) return this.received(bytes)
    this.write(answer)
    if (at > 0) this.received(bytes.subarray(0, at))
    if (at + question.length < bytes.length) this.received(bytes.subarray(at + question.length))
  }
}
