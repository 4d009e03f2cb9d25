import { Duplex } from 'node:stream'
import { READ_BYTES } from '@switchyard/core'
import type { Clock, LocalStream } from '@switchyard/core'
import type { LinkMachine } from './link-machine.ts'
import type { LinkUser, MachineLink } from './machine-link.ts'

type WriteCallback = (error?: Error | null) => void

/** Written and not published: at that, writes wait. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024

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
    super({ allowHalfOpen: true, readableHighWaterMark: READ_BYTES })
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
    if (chunk instanceof Uint8Array) this.#link.take(chunk.length)
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
    let next = 0
    while (this.#wanted && next < this.#inbox.length) {
      const bytes = this.#inbox[next++]
      if (!bytes) break
      this.#inboxBytes -= bytes.length
      this.#wanted = false
      if (this.push(bytes)) this.#wanted = true
    }
    if (next > 0) this.#inbox = this.#inbox.slice(next)
    if (!this.#finReceived || this.#inbox.length > 0 || this.destroyed) return
    this.#finReceived = false
    this.push(null)
  }
}
