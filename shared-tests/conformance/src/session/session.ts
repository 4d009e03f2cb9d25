import type { Duplex } from 'node:stream'
import { dump, expectBytes, Failed } from '../failed.ts'
import type { Awaited, AwaitedKind, FailureCode } from '../failed.ts'
import { Input } from './input.ts'
import { concat } from './bytes.ts'
import type { ClientLog, Mark } from './wire-log.ts'

/** How a connection ended: the server's FIN, or a reset. Both are answers; a case says which ones it accepts. */
export type Ending = 'fin' | 'reset'

/** One write: small enough that its callback tells of progress. */
const WRITE_BYTES = 64 * 1024

interface Expectation {
  readonly what: string
  readonly kind: AwaitedKind
  readonly met: () => boolean
  readonly resolve: () => void
}

/**
 * One connection to the server under test, on any Duplex stream: a TCP socket or a simulated one. It reads all that comes, and
 * keeps it until an expectation takes it; while it is paused it reads only as far as an expectation asks for. A protocol's own
 * client extends it by what its messages are.
 */
export class Session {
  readonly name: string
  readonly #stream: Duplex
  protected readonly log: ClientLog | undefined
  /** What has come and was not taken. */
  protected readonly input: Input = new Input()
  #paused = false
  #expectation: Expectation | undefined
  #ending: Ending | undefined
  readonly #endingWaiters: ((ending: Ending) => void)[] = []
  #lastSend: Promise<unknown> = Promise.resolve()
  #bytesSent = 0
  #bytesReceived = 0

  /**
   * Takes ownership of `stream`, whose readable high-water mark should be 0: nothing is read that was not asked for. What it
   * sends and receives is written to `log`.
   */
  constructor(name: string, stream: Duplex, log?: ClientLog) {
    this.name = name
    this.#stream = stream
    this.log = log
    log?.mark('connected')
    stream.on('readable', () => this.#read())
    stream.on('end', () => this.#ended('fin'))
    stream.on('error', () => this.#ended('reset'))
    stream.on('close', () => this.#ended('reset'))
  }

  /** Accepted by this machine; the server need not have read them. */
  get bytesSent(): number {
    return this.#bytesSent
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  /** Undefined while the connection stands, as far as this client has read. */
  get ending(): Ending | undefined {
    return this.#ending
  }

  // Sending ------------------------------------------------------------------------------------------------------------

  /** Settles when this machine has accepted all of it. Rejects with Failed if the connection ends before. */
  send(bytes: Uint8Array): Promise<void> {
    const sent = this.#lastSend.then(() => this.#write(bytes))
    this.#lastSend = sent.catch(() => {}) // The caller hears of it; the next send finds out by itself.
    return sent
  }

  /**
   * Sends one message after the other, several to a write, for as long as `messages` has any and the connection stands.
   * Answers how many were accepted by this machine; never rejects.
   */
  async flood(messages: Iterable<Uint8Array>): Promise<number> {
    let sent = 0
    let batch: Uint8Array[] = []
    let bytes = 0
    const flush = async (): Promise<boolean> => {
      try {
        const [one] = batch
        await this.send(batch.length === 1 && one ? one : concat(batch))
      } catch {
        return false // It ended; how is the case's affair.
      }
      sent += batch.length
      batch = []
      bytes = 0
      return true
    }
    for (const each of messages) {
      if (bytes > 0 && bytes + each.length > WRITE_BYTES && !(await flush())) return sent
      if (this.#ending) return sent
      batch.push(each)
      bytes += each.length
    }
    if (batch.length > 0) await flush()
    return sent
  }

  /** Sends FIN behind what was sent; what comes can still be read. */
  end(): void {
    void this.#lastSend.then(() => {
      if (!this.#ending) this.log?.mark('sent-fin')
      this.#stream.end()
    })
  }

  /** Ends the connection at once, with a reset where the stream knows how. */
  reset(): void {
    this.#ended('reset', 'sent-reset')
    if ('resetAndDestroy' in this.#stream && typeof this.#stream.resetAndDestroy === 'function') {
      this.#stream.resetAndDestroy()
    } else {
      this.#stream.destroy()
    }
  }

  /** Frees the socket, however the case went. */
  destroy(): void {
    this.#ended('reset')
    this.#stream.destroy()
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += WRITE_BYTES) {
      const piece = bytes.subarray(start, start + WRITE_BYTES)
      this.log?.bytes('sent', piece)
      await new Promise<void>((resolve, reject) => {
        this.#stream.write(piece, (error) => {
          if (!error) return resolve()
          reject(this.failed(`the connection ended (${this.endingName()}) with something left to send`))
        })
      })
      this.#bytesSent += piece.length
    }
  }

  // Receiving ----------------------------------------------------------------------------------------------------------

  /** Stops reading from the socket, so that the server can send only what the operating systems hold between them. */
  pause(): void {
    this.#paused = true
    this.log?.mark('paused')
  }

  resume(): void {
    if (this.#paused) this.log?.mark('resumed')
    this.#paused = false
    this.#read()
  }

  /** The next bytes, whatever they are. Throws Failed if the connection ends before. */
  async bytes(count: number): Promise<Uint8Array> {
    await this.until(`${count} bytes`, () => this.input.length >= count || this.#ending !== undefined)
    if (this.input.length >= count) return this.input.take(count)
    throw this.failed(
      `expected ${count} bytes, but the connection ended (${this.endingName()}) after ${this.remains()}`,
    )
  }

  /** Reads on to the end of the connection, and tells how it ended. What was not taken can still be. */
  closed(): Promise<Ending> {
    if (this.#ending) return Promise.resolve(this.#ending)
    const closed = new Promise<Ending>((resolve) => this.#endingWaiters.push(resolve))
    this.#read()
    return closed
  }

  /** Throws Failed unless `ending` ends the connection, and nothing has come that no expectation took. */
  async expectClosed(ending: Ending): Promise<void> {
    const received = await this.closed()
    const rest = this.input.length > 0 ? `; not taken: ${this.remains()}` : ''
    if (received !== ending)
      throw this.failed(`expected the end by ${ending}, but it was ${received}${rest}`, 'wrong-ending')
    expectBytes(`${this.name}: the rest of the stream`, new Uint8Array(0), this.input.peek(this.input.length))
  }

  /** What it waits for, if it waits, as a watchdog prints it. */
  awaiting(): (Awaited & { readonly text: string }) | undefined {
    const end = this.#endingWaiters.length > 0 && !this.#ending
    const { what, kind } = this.#expectation ?? (end ? { what: 'the end', kind: 'end' as const } : {})
    if (what === undefined || kind === undefined) return undefined
    const text = `${this.name} awaits ${what}; ${this.#bytesReceived} bytes came, not taken: ${this.remains()}`
    return { client: this.name, what: kind, untaken: this.input.length, text }
  }

  /** A failure of this client's connection. */
  protected failed(what: string, code: FailureCode = 'ended'): Failed {
    return new Failed(`${this.name}: ${what}`, { code, client: this.name })
  }

  /** Settles once `met`, which is looked at whenever something comes; reads on until then, even while paused. */
  protected until(what: string, met: () => boolean, kind: AwaitedKind = 'bytes'): Promise<void> {
    if (met()) return Promise.resolve()
    if (this.#expectation)
      throw new TypeError(`${this.name} is asked for ${what} while it awaits ${this.#expectation.what}`)
    return new Promise((resolve) => {
      this.#expectation = { what, kind, met, resolve }
      this.#read()
    })
  }

  #read(): void {
    while (!this.#paused || this.#expectation || this.#endingWaiters.length > 0) {
      const chunk: Uint8Array | null = this.#stream.read()
      if (chunk === null) return
      this.input.push(chunk)
      this.#bytesReceived += chunk.length
      this.log?.bytes('received', chunk)
      this.#check()
    }
  }

  #check(): void {
    if (!this.#expectation?.met()) return
    const { resolve } = this.#expectation
    this.#expectation = undefined
    resolve()
  }

  #ended(ending: Ending, mark: Mark = ending): void {
    if (this.#ending) return
    this.#ending = ending
    this.log?.mark(mark)
    this.#check()
    for (const resolve of this.#endingWaiters.splice(0)) resolve(ending)
  }

  protected endingName(): string {
    return this.#ending ?? 'reset'
  }

  /** A few bytes of what was not taken, for a message. */
  protected remains(): string {
    return dump(this.input.peek(32))
  }
}
