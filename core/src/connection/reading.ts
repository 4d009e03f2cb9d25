import type { Duplex } from 'node:stream'
import type { Life, Shared } from './shared.ts'

export type Read = { readonly state: 'ok'; readonly chunk: Uint8Array } | { readonly state: 'empty' | 'closed' }

/** Stands for FIN among the chunks of a connection, behind the last of them. */
export const FIN: Uint8Array = new Uint8Array(0)

const EMPTY = { state: 'empty' } as const
const CLOSED = { state: 'closed' } as const

/** The half of a connection that comes in: at most one chunk a turn, and none that nobody asked for. */
export class Reading {
  /** Bytes read so far. */
  bytesIn = 0
  finReceived = false
  /** FIN was read, and is the end: the protocol has no step for it. */
  finEnds = false
  /** Paused, or not through with what arrived behind a pause: nothing is read. */
  blocked = false

  readonly #socket: Duplex
  readonly #shared: Shared
  readonly #life: Life
  #turn = 0
  #rest: Uint8Array | undefined
  #finRead = false
  #chunkBytes = 0
  #armed = false
  #signalDue = false
  #reader: ((chunk: Uint8Array | undefined) => void) | undefined

  constructor(socket: Duplex, shared: Shared, life: Life) {
    this.#socket = socket
    this.#shared = shared
    this.#life = life
    socket.on('readable', () => this.#arrived())
    socket.on('end', () => {
      this.finReceived = true
      // Not at once: streams end by a tick, of which the order among promises differs between Node and a browser.
      this.signalAtEnd()
    })
  }

  /** Nothing more will be read: FIN, closing, closed, or the server stops. */
  get over(): boolean {
    const { state } = this.#life
    const { finIsRead, stopped } = this.#shared
    return (this.#ended && (!finIsRead || this.finEnds)) || state === 'closing' || state === 'closed' || stopped
  }

  get #ended(): boolean {
    return this.finReceived && !this.#rest
  }

  /** In the process but not in a queue of ours: what has arrived and was not asked for. */
  get socketBytes(): number {
    return this.#socket.readableLength + (this.#rest?.length ?? 0)
  }

  tryRead(): Read {
    const { held, turns, statistics } = this.#shared
    this.release()
    if (this.over) return CLOSED
    if (this.#turn === turns.current || this.blocked) return EMPTY
    if (this.#ended) return this.#readFin()
    if (held.full) return EMPTY
    const chunk: Uint8Array | null = this.#rest ?? this.#socket.read()
    if (chunk === null) return EMPTY
    this.#turn = turns.current
    const taken = this.#cut(chunk)
    this.#chunkBytes = taken.length
    held.add('chunks', taken.length)
    statistics.bytesIn += taken.length
    this.bytesIn += taken.length
    return { state: 'ok', chunk: taken }
  }

  #readFin(): Read {
    if (this.#finRead) return EMPTY
    this.#finRead = true
    return { state: 'ok', chunk: FIN }
  }

  arm(): void {
    this.release()
    this.#armed = true
    this.#look()
  }

  unblock(): void {
    this.blocked = false
    if (this.#armed) this.#look()
  }

  #look(): void {
    const { held } = this.#shared
    if (this.over) this.signalAtEnd()
    else if (this.blocked || (this.#ended && this.#finRead)) return
    else if (this.#ended) this.signalAtEnd()
    else if (held.full) this.#life.waitForMemory()
    else if (this.#rest || this.#socket.readableLength > 0) this.signalAtEnd()
    else this.#socket.read(0)
  }

  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#reader = resolve
      this.#serveReader(resolve)
    })
  }

  /** One promise a chunk: with one for the edge too, a round trip cost a tenth more (measured, with that of channels). */
  #serveReader(reader: (chunk: Uint8Array | undefined) => void): void {
    const taken = this.tryRead()
    if (taken.state === 'empty') return this.arm()
    this.#reader = undefined
    reader(taken.state === 'ok' ? taken.chunk : undefined)
  }

  /** A chunk of the socket's is at most one read; a pattern with small channels asks for less, and gets copies. */
  #cut(chunk: Uint8Array): Uint8Array {
    const max = this.#shared.readBytesMax
    if (chunk.length <= max && !this.#rest) return chunk
    this.#rest = chunk.length > max ? chunk.subarray(max) : undefined
    return new Uint8Array(chunk.subarray(0, max)) // `slice` of a Buffer would copy nothing.
  }

  #arrived(): void {
    if (this.#life.state === 'closing') this.#shared.turns.atEnd(() => this.discard())
    else if (this.#turn === this.#shared.turns.current) this.signalAtEnd()
    else this.signal()
  }

  /** One edge at the end of this turn, however often it is asked for. */
  signalAtEnd(): void {
    if (this.#signalDue) return
    this.#signalDue = true
    this.#shared.turns.atEnd(this.#turnEnded)
  }

  readonly #turnEnded = (): void => {
    this.#signalDue = false
    this.signal()
  }

  /** An edge, if it is due. A socket may bring bytes that nobody asked for; whoever is held back hears of them when it arms again. */
  signal(): void {
    if (!this.over && (!this.#armed || this.blocked)) return
    this.#armed = false
    if (this.#reader) this.#serveReader(this.#reader)
    this.#life.readable()
  }

  release(): void {
    if (this.#chunkBytes === 0) return
    this.#shared.held.add('chunks', -this.#chunkBytes)
    this.#chunkBytes = 0
  }

  /** Lets go of the chunk and of what was cut from it. */
  clear(): void {
    this.#rest = undefined
    this.release()
  }

  /**
   * Reads and throws away, so that a close does not become a reset that takes what the client has not yet read. One read a
   * turn here, too: a client that floods while it is closed would be read from 32 times as often as the others.
   */
  discard(): void {
    while (this.#socket.read() !== null);
  }
}
