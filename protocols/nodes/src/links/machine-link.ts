import { SEGMENT_BYTES } from './segment.ts'
import type { LinkSegment } from './segment.ts'

/** Bytes published and not taken by the other end; what is written beyond that waits. */
export const UNTAKEN_BYTES_MAX: number = 4 * 1024 * 1024
/** What was taken is told when it is as much as this; what is less, with the next beat. */
const TOLD_BYTES = 128 * 1024

/** Whoever reads and writes a link. */
export interface LinkUser {
  /** A view of what was published: nobody changes it. */
  data(bytes: Uint8Array): void
  /** The other end sends nothing more. */
  finished(): void
  /** The other end has taken some of what was written. */
  taken(): void
  /** The last call, unless both ends have finished: what is on the way is lost. */
  broke(why: string): void
}

export type Publish = (segment: Pick<LinkSegment, 'kind' | 'at' | 'bytes'>) => void

const NOTHING = new Uint8Array(0)

/** The two streams of one link that stands: in order, or broken. */
export class MachineLink {
  readonly peer: number
  readonly #publish: Publish
  user: LinkUser | undefined
  #sent = 0
  #takenByPeer = 0
  #received = 0
  #taken = 0
  #told = 0
  #scratch: Uint8Array | undefined
  #scratchBytes = 0
  /** Written, and waits until the other end has taken more. */
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #finishing: 'no' | 'wanted' | 'sent' = 'no'
  #finished = false

  constructor(peer: number, publish: Publish) {
    this.peer = peer
    this.#publish = publish
  }

  get sentBytes(): number {
    return this.#sent
  }

  get takenBytes(): number {
    return this.#taken
  }

  /** Written, and not taken by the other end. */
  get untakenBytes(): number {
    return this.#sent - this.#takenByPeer + this.waitingBytes
  }

  /** Of those, the bytes that are not published. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#scratchBytes
  }

  /** Both ends have finished. */
  get over(): boolean {
    return this.#finishing === 'sent' && this.#finished
  }

  /** Copies. Full segments are published; the rest with `flush`. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const scratch = (this.#scratch ??= new Uint8Array(SEGMENT_BYTES))
      const count = Math.min(SEGMENT_BYTES - this.#scratchBytes, bytes.length - at)
      scratch.set(bytes.subarray(at, at + count), this.#scratchBytes)
      this.#scratchBytes += count
      at += count
      if (this.#scratchBytes === SEGMENT_BYTES) this.flush()
    }
  }

  /** Publishes what was written, as far as the other end's window goes. */
  flush(): void {
    if (this.#scratch && this.#scratchBytes > 0) {
      this.#waiting.push(this.#scratch.slice(0, this.#scratchBytes))
      this.#waitingBytes += this.#scratchBytes
      this.#scratchBytes = 0
    }
    this.#publishWaiting()
  }

  #publishWaiting(): void {
    let next = 0
    for (; next < this.#waiting.length && this.#sent - this.#takenByPeer < UNTAKEN_BYTES_MAX; next++) {
      const bytes = this.#waiting[next] ?? NOTHING
      this.#publish({ kind: 'data', at: this.#sent, bytes })
      this.#sent += bytes.length
      this.#waitingBytes -= bytes.length
    }
    if (next > 0) this.#waiting = this.#waiting.slice(next)
    if (this.#finishing !== 'wanted' || this.waitingBytes > 0) return
    this.#finishing = 'sent'
    this.#publish({ kind: 'finish', at: this.#sent, bytes: NOTHING })
  }

  /** Nothing more will be written. */
  finish(): void {
    if (this.#finishing === 'no') this.#finishing = 'wanted'
    this.flush()
  }

  /** Its user has read so many bytes more. */
  take(bytes: number): void {
    this.#taken += bytes
    if (this.#taken - this.#told < TOLD_BYTES) return
    this.#told = this.#taken
    this.#publish({ kind: 'taken', at: this.#taken, bytes: NOTHING })
  }

  /** Returns false if something before it is missing. What came already is dropped. */
  receive({ at, bytes }: Pick<LinkSegment, 'at' | 'bytes'>): boolean {
    if (at > this.#received) return false
    if (at < this.#received || this.#finished) return true
    this.#received += bytes.length
    this.user?.data(bytes)
    return true
  }

  receiveFinish(at: number): boolean {
    if (at > this.#received) return false
    if (!this.#finished) this.user?.finished()
    this.#finished = true
    return true
  }

  /** The other end has read all before `at`. A count of more than was sent is a lie, and changes nothing. */
  receiveTaken(at: number): void {
    if (at <= this.#takenByPeer || at > this.#sent) return
    this.#takenByPeer = at
    this.#publishWaiting()
    this.user?.taken()
  }

  /** What the other end's beat tells of the link. Returns false if something that it has sent is missing. */
  repair(sentBytes: number, takenBytes: number): boolean {
    this.receiveTaken(takenBytes)
    return sentBytes <= this.#received
  }
}
