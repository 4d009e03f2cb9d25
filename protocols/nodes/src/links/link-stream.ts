import { Duplex } from 'node:stream'
import type { Clock, LocalStream } from '@switchyard/core'
import type { LinkMachine } from './link-machine.ts'
import type { LinkUser, MachineLink } from './machine-link.ts'

type WriteCallback = (error?: Error | null) => void

const NOTHING = new Uint8Array(0)
/** Written and not published: at that, writes wait. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024
/** Shorter segments are read together. */
const TOGETHER_BYTES_MAX = 16 * 1024

/** A link as a connection. What the other node has not read counts as queued, as in a stream of this process. */
export class LinkStream extends Duplex implements LocalStream, LinkUser {
  readonly #machine: LinkMachine
  readonly #link: MachineLink
  readonly #clock: Clock
  readonly #flushAtEnd: (link: MachineLink) => void
  #inbox: Uint8Array[] = []
  #inboxBytes = 0
  #wanted = false
  #finReceived = false
  #waiting: WriteCallback | undefined

  /** `flushAtEnd` publishes what was written to the link when the turn ends, so that a turn's messages share a segment. */
  constructor(machine: LinkMachine, link: MachineLink, clock: Clock, flushAtEnd: (link: MachineLink) => void) {
    // One chunk at a time: a stream that has several joins them anew.
    super({ allowHalfOpen: true, readableHighWaterMark: 1 })
    this.#machine = machine
    this.#link = link
    this.#clock = clock
    this.#flushAtEnd = flushAtEnd
    link.user = this
  }

  /** The other node. */
  get node(): number {
    return this.#link.peer
  }

  get peerUnreadBytes(): number {
    return this.#link.untakenBytes
  }

  /** Published by the other node and not read here. */
  get unreadBytes(): number {
    return this.#inboxBytes + this.readableLength
  }

  /** Only here have bytes been taken: `_read` comes before that. */
  override read(size?: number): ReturnType<Duplex['read']> {
    const chunk: unknown = super.read(size)
    if (!(chunk instanceof Uint8Array)) return chunk
    this.#link.take(chunk.length)
    if (this.#link.takenIsDue) this.#flushAtEnd(this.#link)
    return chunk
  }

  /** What is pushed from inside of `_read` is never heard of. */
  override _read(): void {
    this.#wanted = true
    if (this.#inbox.length > 0 || this.#finReceived) this.#clock.turn(() => this.#push())
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: WriteCallback): void {
    this.#link.write(chunk)
    this.#flushAtEnd(this.#link)
    if (this.#link.waitingBytes < WAITING_BYTES_MAX) done()
    else this.#waiting = done
  }

  override _final(done: WriteCallback): void {
    this.#machine.finish(this.#link)
    done()
  }

  override _destroy(error: Error | null, done: WriteCallback): void {
    this.#inbox = []
    this.#inboxBytes = 0
    this.#machine.reset(this.#link)
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.(error)
    done(error)
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  // What the machine tells ---------------------------------------------------------------------------------------------

  data(bytes: Uint8Array): void {
    this.#inbox.push(bytes)
    this.#inboxBytes += bytes.length
    if (this.#wanted) this.#push()
  }

  finished(): void {
    this.#finReceived = true
    this.#push()
  }

  taken(): void {
    this.emit('taken')
    if (!this.#waiting || this.#link.waitingBytes >= WAITING_BYTES_MAX) return
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting()
  }

  broke(why: string): void {
    this.destroy(Object.assign(new Error(why), { code: 'ECONNRESET' }))
  }

  #push(): void {
    if (this.#wanted && this.#inbox.length > 0) {
      const bytes = this.#next()
      this.#inboxBytes -= bytes.length
      this.#wanted = false
      this.push(bytes)
    }
    if (!this.#finReceived || this.#inbox.length > 0 || this.destroyed) return
    this.#finReceived = false
    this.push(null)
  }

  /** A segment, or several short ones. */
  #next(): Uint8Array {
    let count = 0
    let length = 0
    for (const bytes of this.#inbox) {
      if (count > 0 && length + bytes.length > TOGETHER_BYTES_MAX) break
      count++
      length += bytes.length
    }
    const [first = NOTHING, ...others] = this.#inbox.splice(0, count)
    if (others.length === 0) return first
    const together = new Uint8Array(length)
    let at = 0
    for (const bytes of [first, ...others]) {
      together.set(bytes, at)
      at += bytes.length
    }
    return together
  }
}
