import { Duplex } from 'node:stream'
import { READ_BYTES } from '@switchyard/core'
import type { Link } from '@switchyard/sim'

type Done = (error?: Error | null) => void

/**
 * A client's end of a simulated connection, as the suite's clients want it. What it wants to send or to read happens when
 * `goOn` is called, and not before.
 */
export class ClientSocket extends Duplex {
  readonly #link: Link
  /** Tells that something may be possible now that was not before. */
  readonly #changed: () => void
  #reads = false
  #unsent: { bytes: Uint8Array; readonly done: Done } | undefined

  constructor(link: Link, changed: () => void) {
    super({ allowHalfOpen: true, readableHighWaterMark: 0, writableHighWaterMark: READ_BYTES, decodeStrings: false })
    this.#link = link
    this.#changed = changed
  }

  /** Whether the network lets it do what it wants. */
  get canGoOn(): boolean {
    if (this.destroyed) return false
    const { readable, space, end } = this.#link
    return (this.#reads && (readable > 0 || end !== undefined)) || (!!this.#unsent && (space > 0 || end === 'reset'))
  }

  /** Sends as much as there is space for, and reads once. */
  goOn(): void {
    if (this.#link.end === 'reset') {
      this.destroy(Object.assign(new Error('simulated ECONNRESET'), { code: 'ECONNRESET' }))
      return
    }
    this.#send()
    if (this.#reads) this.#receive()
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  override _read(): void {
    this.#reads = true
    this.#changed()
  }

  override _write(bytes: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#unsent = { bytes, done }
    this.#changed()
  }

  override _final(done: Done): void {
    this.#link.fin()
    this.#changed()
    done()
  }

  /** A connection that has not ended in both directions is reset. */
  override _destroy(error: Error | null, done: Done): void {
    if (!this.readableEnded || !this.writableFinished) this.#link.reset()
    this.#changed()
    const unsent = this.#unsent
    this.#unsent = undefined
    unsent?.done(error ?? new Error('the connection was ended with something left to send'))
    done(error)
  }

  #send(): void {
    const unsent = this.#unsent
    if (!unsent || this.#link.space === 0) return
    unsent.bytes = unsent.bytes.subarray(this.#link.send(unsent.bytes))
    if (unsent.bytes.length > 0) return
    this.#unsent = undefined
    unsent.done()
  }

  #receive(): void {
    if (this.#link.readable > 0) {
      this.#reads = false
      this.push(this.#link.take(READ_BYTES))
    } else if (this.#link.end === 'fin') {
      this.#reads = false
      this.push(null)
    }
  }
}
