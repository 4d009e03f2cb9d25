import { Duplex } from 'node:stream'
import { liveClock } from './clock.ts'
import type { Clock } from './clock.ts'
import type { LocalStream } from './connection/shared.ts'
import { READ_BYTES } from './limits.ts'

export interface PairOptions {
  /** Bytes that an end takes for its peer although nobody reads them: at that, writes wait. Default: 64 KiB. */
  readonly capacity?: number
  /** Default: `liveClock`. */
  readonly clock?: Clock
  /**
   * The second end is a connection of a server, which reads whole chunks and writes bytes: most of what Node's streams do beside that is
   * left out (a third of a round trip through a session, measured). Default: false.
   */
  readonly served?: boolean
}

type WriteCallback = (error?: Error | null) => void

/**
 * A connection inside of this process: what one end writes the other one reads, a turn of the clock later. Its ends behave as
 * sockets of TCP do: half-open, a FIN each way, `ECONNRESET` at a reset and `EPIPE` for a write to a peer that is gone.
 */
export function pair({ capacity = READ_BYTES, clock = liveClock, served = false }: PairOptions = {}): readonly [
  LocalStream,
  LocalStream,
] {
  const one = new End(capacity, clock, false)
  const other = new End(capacity, clock, served, one)
  return [one, other]
}

class End extends Duplex implements LocalStream {
  readonly #capacity: number
  readonly #clock: Clock
  readonly #served: boolean
  #peer: End | undefined
  /** What the peer has written and was not pushed: only what is wanted is pushed, and never from inside of `_read`. */
  #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #wanted = false
  #peerFinished = false
  #deliveryDue = false
  /** The peer's write that waits for room. */
  #waiting: WriteCallback | undefined
  #lastUnread = 0
  #owned: WeakSet<ArrayBufferLike> | undefined
  /** Of writes that the peer has taken at once. */
  #writesDone: WriteCallback[] = []

  constructor(capacity: number, clock: Clock, served: boolean, peer?: End) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: Math.min(capacity, READ_BYTES),
      writableHighWaterMark: capacity,
    })
    this.#capacity = capacity
    this.#clock = clock
    this.#served = served
    this.#peer = peer
    if (peer) peer.#peer = this
  }

  get peerUnreadBytes(): number {
    return this.#peer?.unreadBytes ?? 0
  }

  /** Written by the peer and not read here. */
  get unreadBytes(): number {
    return this.#inboxBytes + this.readableLength
  }

  own(bytes: Uint8Array): void {
    this.#owned ??= new WeakSet()
    this.#owned.add(bytes.buffer)
  }

  override read(size?: number): ReturnType<Duplex['read']> {
    const chunk: unknown = this.#served && this.#inbox.length > 0 ? this.#readInbox(size) : super.read(size)
    if (chunk !== null) this.#taken()
    return chunk
  }

  /** One read: what has come first, and as much behind it as fits. */
  #readInbox(size: number | undefined): Uint8Array | null {
    if (size === 0) {
      this.#deliverAtEnd()
      return null
    }
    let count = 0
    let bytes = 0
    for (const { length } of this.#inbox) {
      if (count > 0 && bytes + length > READ_BYTES) break
      count++
      bytes += length
    }
    const chunks = this.#inbox.splice(0, count)
    this.#inboxBytes -= bytes
    if (this.#inbox.length === 0 && this.#peerFinished) this.#deliverAtEnd()
    return chunks.length === 1 ? (chunks[0] ?? null) : joined(chunks, bytes)
  }

  override write(
    chunk: Uint8Array | string,
    encoding?: BufferEncoding | WriteCallback,
    callback?: WriteCallback,
  ): boolean {
    const done = typeof encoding === 'function' ? encoding : callback
    const peer = this.#peer
    if (!this.#served || !peer || typeof chunk === 'string' || !this.#writesThrough(peer, chunk)) {
      return typeof encoding === 'string' ? super.write(chunk, encoding, done) : super.write(chunk, done)
    }
    if (done) this.#writesDone.push(done)
    peer.#accept(this.#kept(chunk), () => {})
    return true
  }

  /** The peer takes it at once, and nothing that was written before waits. */
  #writesThrough(peer: End, { length }: Uint8Array): boolean {
    if (peer.destroyed || this.destroyed || this.writableEnded || this.writableLength > 0) return false
    return peer.unreadBytes + length < peer.#capacity
  }

  override _read(): void {
    this.#wanted = true
    this.#deliverAtEnd()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: WriteCallback): void {
    const peer = this.#peer
    if (!peer || peer.destroyed) return done(failure('EPIPE', 'the other end is gone'))
    peer.#accept(this.#kept(chunk), done)
  }

  /** As bytes that whoever wrote them may not change any more. */
  #kept(chunk: Uint8Array): Uint8Array {
    return this.#owned?.has(chunk.buffer) ? chunk : new Uint8Array(chunk)
  }

  override _final(done: WriteCallback): void {
    if (this.#peer) {
      this.#peer.#peerFinished = true
      this.#peer.#deliverAtEnd()
    }
    done()
  }

  /** An end that goes before it has sent FIN, or with something unread, resets the other one. */
  override _destroy(error: Error | null, done: WriteCallback): void {
    const peer = this.#peer
    const inOrder = this.writableFinished && this.unreadBytes === 0
    this.#inbox = []
    this.#inboxBytes = 0
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#clock.turn(() => {
      waiting?.(failure('EPIPE', 'the other end is gone'))
      if (!inOrder) peer?.destroy(failure('ECONNRESET', 'the other end was reset'))
    })
    done(error)
  }

  /** As a socket's. */
  resetAndDestroy(): this {
    const peer = this.#peer
    this.#clock.turn(() => peer?.destroy(failure('ECONNRESET', 'the other end was reset')))
    return this.destroy()
  }

  #accept(chunk: Uint8Array, done: WriteCallback): void {
    this.#inbox.push(chunk)
    this.#inboxBytes += chunk.length
    this.#lastUnread = this.unreadBytes
    this.#deliverAtEnd()
    if (this.#lastUnread < this.#capacity) done()
    else this.#waiting = done
  }

  #deliverAtEnd(): void {
    if (this.#deliveryDue) return
    this.#deliveryDue = true
    this.#clock.turn(() => {
      this.#deliveryDue = false
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#peer) this.#peer.#callBack()
    if (this.#served && this.#inbox.length > 0) return void (this.destroyed || this.emit('readable'))
    let next = 0
    while (this.#wanted && !this.destroyed) {
      const chunk = this.#inbox[next]
      if (!chunk) break
      next++
      this.#inboxBytes -= chunk.length
      this.#wanted = this.push(chunk)
    }
    this.#inbox = next === 0 ? this.#inbox : this.#inbox.slice(next)
    this.#taken()
    if (this.#inbox.length > 0 || !this.#peerFinished || this.destroyed) return
    this.push(null)
  }

  #callBack(): void {
    const done = this.#writesDone
    this.#writesDone = []
    for (const call of done) call()
  }

  /** Less may be unread than before: its peer hears of it, and so does the write that waits, a turn later. */
  #taken(): void {
    const unread = this.unreadBytes
    if (unread >= this.#lastUnread) return
    this.#lastUnread = unread
    this.#peer?.emit('taken')
    const waiting = this.#waiting
    if (!waiting || unread >= this.#capacity) return
    this.#waiting = undefined
    this.#clock.turn(() => waiting())
  }
}

function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

function failure(code: 'EPIPE' | 'ECONNRESET', message: string): Error {
  return Object.assign(new Error(message), { code })
}
