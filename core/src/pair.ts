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
}

type WriteCallback = (error?: Error | null) => void

/**
 * A connection inside of this process: what one end writes the other one reads, a turn of the clock later. Its ends behave as
 * sockets of TCP do: half-open, a FIN each way, `ECONNRESET` at a reset and `EPIPE` for a write to a peer that is gone.
 */
export function pair({ capacity = READ_BYTES, clock = liveClock }: PairOptions = {}): readonly [
  LocalStream,
  LocalStream,
] {
  const one = new End(capacity, clock)
  const other = new End(capacity, clock, one)
  return [one, other]
}

class End extends Duplex implements LocalStream {
  readonly #capacity: number
  readonly #clock: Clock
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

  constructor(capacity: number, clock: Clock, peer?: End) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: Math.min(capacity, READ_BYTES),
      writableHighWaterMark: capacity,
    })
    this.#capacity = capacity
    this.#clock = clock
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

  override read(size?: number): ReturnType<Duplex['read']> {
    const chunk: unknown = super.read(size)
    if (chunk !== null) this.#taken()
    return chunk
  }

  override _read(): void {
    this.#wanted = true
    this.#deliverAtEnd()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: WriteCallback): void {
    const peer = this.#peer
    if (!peer || peer.destroyed) return done(failure('EPIPE', 'the other end is gone'))
    peer.#accept(chunk, done)
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

  /** Copies: whoever wrote may use its memory again once `done` is called. */
  #accept(chunk: Uint8Array, done: WriteCallback): void {
    this.#inbox.push(new Uint8Array(chunk))
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

function failure(code: 'EPIPE' | 'ECONNRESET', message: string): Error {
  return Object.assign(new Error(message), { code })
}
