import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import type { DuplexOptions } from 'node:stream'
import { expect, test } from 'vitest'
import { liveClock, ManualClock } from '../src/clock.ts'

/** A test of one clause of docs/protocol.md, named by its id and its words. */
export function clause(id: string, quote: string, what: string, run: () => void | Promise<void>): void {
  test(`${id} "${quote}": ${what}`, run)
}

/** Lets every tick and every promise that is due run: all that follows one I/O event. */
export function ticks(): Promise<void> {
  return new Promise((resolve) => liveClock.turn(resolve))
}

/** Time and turns, both in the hands of a test. */
export class SteppedClock extends ManualClock {
  #asked: (() => void)[] = []

  override turn(fn: () => void): void {
    this.#asked.push(fn)
  }

  /** How many calls are due when this turn ends. */
  get turnsDue(): number {
    return this.#asked.length
  }

  /** Ends the turn, and lets what follows from that happen. */
  async endTurn(): Promise<void> {
    await ticks()
    const due = this.#asked
    this.#asked = []
    for (const fn of due) fn()
    await ticks()
  }

  /** Ends turns until none has anything left to do. */
  async rest(): Promise<void> {
    await ticks()
    for (let turns = 0; this.#asked.length > 0; turns++) {
      if (turns === 1000) throw new Error('it never comes to rest')
      await this.endTurn()
    }
  }
}

export interface FakeSocketOptions extends Pick<DuplexOptions, 'allowHalfOpen' | 'readableHighWaterMark'> {
  /** How many bytes are accepted before a write has to wait; default: any number. */
  readonly room?: number
}

/**
 * The server's end of a connection of which a test plays the kernel: it decides what has arrived, how much of what is
 * written it accepts, and when. What it has not accepted stays where the writer put it, as in a real write.
 */
export class FakeSocket extends Duplex {
  /** How many pieces each write brought. */
  readonly writes: number[] = []
  finSent = false
  /** From now on `close` waits for `finishClose`. */
  holdsClose = false
  /** From now on FIN stays on its way. */
  holdsFin = false
  /** From now on every write fails at once. */
  writeError: Error | undefined
  /** Bytes that were handed over to the reader of this socket. */
  bytesRead = 0

  #room: number
  #pending: { pieces: Uint8Array[]; readonly done: (error?: Error | null) => void } | undefined
  readonly #accepted: Uint8Array[] = []
  readonly #arrivals: (Uint8Array | null)[] = []
  #asked = false
  #finishClose: (() => void) | undefined

  constructor({ room = Infinity, ...options }: FakeSocketOptions = {}) {
    super({ allowHalfOpen: true, readableHighWaterMark: 0, writableHighWaterMark: 0, emitClose: false, ...options })
    this.#room = room
  }

  // What the client does ------------------------------------------------------------------------------------------------

  /** Bytes arrive, and are read when somebody asks. */
  arrive(...chunks: readonly (Uint8Array | string)[]): void {
    for (const chunk of chunks) this.#arrivals.push(Buffer.from(chunk))
    this.#bring()
  }

  fin(): void {
    this.#arrivals.push(null)
    this.#bring()
  }

  reset(): void {
    this.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  }

  // What the kernel does ------------------------------------------------------------------------------------------------

  /** Accepts `bytes` more: of the write that waits, then of those to come. */
  accept(bytes: number): void {
    this.#room += bytes
    this.#take()
  }

  /** The write that waits fails. */
  failWrite(error: Error): void {
    const done = this.#pending?.done
    this.#pending = undefined
    done?.(error)
  }

  finishClose(): void {
    this.holdsClose = false
    this.#finishClose?.()
    this.#finishClose = undefined
  }

  // What a test asks ----------------------------------------------------------------------------------------------------

  /** Everything that was accepted so far. */
  get accepted(): Buffer {
    return Buffer.concat(this.#accepted)
  }

  /** Bytes of the write that waits. */
  get pendingBytes(): number {
    return sum((this.#pending?.pieces ?? []).map((piece) => piece.length))
  }

  /** What has arrived and nobody has asked for. */
  get unreadBytes(): number {
    return sum(this.#arrivals.map((chunk) => chunk?.length ?? 0))
  }

  // What a stream needs -------------------------------------------------------------------------------------------------

  override _read(): void {
    this.#asked = true
    this.#bring()
  }

  override _write(piece: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#write([piece], done)
  }

  override _writev(pieces: readonly { readonly chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#write(
      pieces.map(({ chunk }) => chunk),
      done,
    )
  }

  override _final(done: () => void): void {
    if (this.holdsFin) return
    this.finSent = true
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error)
    // An error is told at once, as `net` does it; `close` comes when the kernel has closed.
    this.#finishClose = () => process.nextTick(() => this.emit('close'))
    if (!this.holdsClose) this.finishClose()
  }

  /** One chunk for each read that was asked for; never inside of the asking, as the network is never that fast. */
  #bring(): void {
    process.nextTick(() => {
      if (!this.#asked || this.destroyed || this.readableEnded) return
      const chunk = this.#arrivals.shift()
      if (chunk === undefined) return
      this.#asked = false
      this.bytesRead += chunk?.length ?? 0
      this.push(chunk)
    })
  }

  #write(pieces: Uint8Array[], done: (error?: Error | null) => void): void {
    this.writes.push(pieces.length)
    if (this.writeError) return done(this.writeError)
    this.#pending = { pieces, done }
    this.#take()
  }

  #take(): void {
    const pending = this.#pending
    if (!pending) return
    for (let piece = pending.pieces[0]; piece && this.#room > 0; piece = pending.pieces[0]) {
      const count = Math.min(this.#room, piece.length)
      this.#accepted.push(Uint8Array.from(piece.subarray(0, count)))
      this.#room -= count
      if (count < piece.length) pending.pieces[0] = piece.subarray(count)
      else pending.pieces.shift()
    }
    if (pending.pieces.length > 0) return
    this.#pending = undefined
    pending.done()
  }
}

/** A socket that can be reset, as those of TCP can. */
export class ResettableSocket extends FakeSocket {
  resets = 0

  resetAndDestroy(): this {
    this.resets++
    return this.destroy()
  }
}

/** Brings the connections that a test makes. */
export class FakeListener extends EventEmitter {
  closes = 0

  close(): void {
    this.closes++
  }

  bring<Socket extends Duplex>(socket: Socket): Socket {
    this.emit('connection', socket)
    return socket
  }
}

/** `length` bytes that repeat only after 251, so that a lost, doubled or moved one shows. */
export function bytesOf(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) bytes[index] = (from + index) % 251
  return bytes
}

/** Such bytes in so much memory that a queue keeps them as they are, if they are given. */
export function bytesToGive(length: number, first: number): Uint8Array {
  const memory = new Uint8Array(Math.max(length, KiB))
  memory.set(bytesOf(length, first))
  return memory.subarray(0, length)
}

/** As `toEqual`, which is slow, and says too much of long ones. */
export function expectBytes(actual: Uint8Array, expected: Uint8Array, what = 'bytes'): void {
  if (Buffer.compare(actual, expected) === 0) return
  const at = actual.findIndex((byte, index) => byte !== expected[index])
  const from = Math.max(0, (at === -1 ? Math.min(actual.length, expected.length) : at) - 3)
  const excerpt = (bytes: Uint8Array): string =>
    `${bytes.length}, from ${from}: ${bytes.subarray(from, from + 12).join(' ')}`
  expect(excerpt(actual), what).toBe(excerpt(expected))
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

export const KiB = 1024
