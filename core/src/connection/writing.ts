import type { Duplex } from 'node:stream'
import type { ByteQueue } from '../byte-queue.ts'
import { READ_BYTES } from '../limits.ts'
import type { Party } from '../wait-for-graph.ts'
import { Progress } from './progress.ts'
import { isLocal } from './shared.ts'
import type { Life, Shared } from './shared.ts'
import { WriteDeadline } from './write-deadline.ts'

/** More is worth a call by itself, at any time of a turn. */
const GATHERED_BYTES_MAX = READ_BYTES / 2

/** The half of a connection that goes out: one piece at a time, and none that outlasts the write deadline. */
export class Writing {
  /** Written so far: accepted by the operating system. */
  bytesOut = 0
  /** Who waits for a write. */
  writer: Party | undefined

  readonly #socket: Duplex
  /** Hears of memory that a stream of this process need not copy. */
  readonly #owned: ((bytes: Uint8Array) => void) | undefined
  readonly #shared: Shared
  readonly #life: Life
  #outstanding = 0
  #outstandingQueue: ByteQueue | undefined
  #callbacksDue = 0
  /** From the first write on that was not accepted at once. */
  #deadline: WriteDeadline | undefined
  /** From a shutdown on. */
  #progress: Progress | undefined
  #wakeWriter: (() => void) | undefined

  constructor(socket: Duplex, shared: Shared, life: Life) {
    this.#socket = socket
    this.#owned = isLocal(socket) && socket.own ? (bytes) => socket.own?.(bytes) : undefined
    this.#shared = shared
    this.#life = life
  }

  /** `gathers`: what comes behind a first write may leave with the end of the turn. */
  flush(queue: ByteQueue, gathers: boolean): boolean {
    while (queue.length > 0) {
      if (this.#socket.destroyed) this.#life.abort('reset')
      if (this.#life.state === 'closed') {
        this.#drop(queue)
        return true
      }
      if (this.#outstanding > 0 || queue.leaving <= 0) return false
      this.#write(queue, gathers)
    }
    return true
  }

  async flushed(who: Party, queue: ByteQueue, gathers: boolean): Promise<void> {
    while (!this.flush(queue, gathers) && queue.leaving > 0) {
      using _ = this.#shared.waits.begin(who, { kind: 'reading', client: this.#life.id })
      this.writer = who
      await new Promise<void>((wake) => {
        this.#wakeWriter = wake
      })
      this.writer = undefined
    }
  }

  #write(queue: ByteQueue, gathers: boolean): void {
    const socket = this.#socket
    if (gathers && queue.length <= GATHERED_BYTES_MAX && !this.#shared.stopped) this.#shared.gather(socket)
    const pieces = queue.pin(READ_BYTES, this.#owned)
    this.#outstandingQueue = queue
    if (pieces.length > 1) socket.cork()
    for (const piece of pieces) {
      this.#outstanding += piece.length
      this.#callbacksDue++
      socket.write(piece, this.#called)
    }
    if (pieces.length > 1) socket.uncork()
    if (this.#life.state === 'closed') return
    if (socket.errored) return // Nothing was written; `error` follows.
    if (socket.writableLength === 0) this.#written()
    else if (this.#stalled) this.#life.abort('shutdown-deadline')
    else this.#startDeadline()
  }

  /**
   * Callbacks come in order, one for each write, also for those known to be written already; only when none is due any
   * more do they speak of what is outstanding. An error needs no answer here: `error` or `close` follows.
   */
  readonly #called = (error?: Error | null): void => {
    this.#callbacksDue--
    if (error || this.#callbacksDue > 0 || this.#outstanding === 0) return
    this.#written()
    this.signal()
  }

  #startDeadline(): void {
    this.#deadline ??= new WriteDeadline(this.#socket, this.#shared, () => this.#life.abort('write-deadline'))
    this.#deadline.start()
  }

  #written(): void {
    this.#deadline?.stop()
    const count = this.#outstanding
    this.#outstanding = 0
    this.bytesOut += count
    this.#shared.statistics.bytesOut += count
    this.#outstandingQueue?.consume(count)
    this.#outstandingQueue = undefined
  }

  signal(): void {
    const wake = this.#wakeWriter
    this.#wakeWriter = undefined
    wake?.()
    this.#life.writable()
  }

  /** Nothing more goes out: discards what is outstanding, and what `outgoing` holds. */
  clear(outgoing: ByteQueue): void {
    this.#deadline?.stop()
    this.#drop(outgoing)
    if (this.#outstandingQueue) this.#drop(this.#outstandingQueue)
    this.#outstandingQueue = undefined
    this.#outstanding = 0
  }

  /** Looks whether the client takes something; the first look is the beginning of a shutdown. */
  watch(): void {
    this.#progress ??= new Progress(this.#socket, this.#shared)
    void this.#progress.look(() => this.bytesOut)
  }

  hurry(): void {
    if (this.#outstanding > 0 && this.#stalled) this.#life.abort('shutdown-deadline')
  }

  /** The stalled have had their share of a shutdown, and this client took nothing for as long as that. */
  get #stalled(): boolean {
    const { hurried, clock, limits } = this.#shared
    return hurried && !(this.#progress && this.#progress.since > clock.now() - limits.graceMs / 4)
  }

  #drop(queue: ByteQueue): void {
    if (queue.length > 0) this.#shared.statistics.drop('aborted', 0, queue.length)
    queue.clear()
  }
}
