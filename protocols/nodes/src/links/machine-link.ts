import { HEAD_BYTES, SEGMENT_BYTES_MAX } from './segment.ts'
import type { LinkSegment } from './segment.ts'

/** Bytes published and not taken by the other end; what is written beyond that waits. */
export const UNTAKEN_BYTES_MAX: number = 4 * 1024 * 1024
/** What was taken is told when it is as much as this; what is less, with the next beat. */
const TOLD_BYTES = 128 * 1024
const CARRIED_BYTES_MAX = SEGMENT_BYTES_MAX - HEAD_BYTES
/** Shorter segments are copied out, and their memory is used again. */
const KEPT_BYTES_MAX = 4 * 1024

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

/** `segment` has room for its head in front of what it carries; absent, it carries nothing. */
export type Publish = (kind: LinkSegment['kind'], at: number, segment?: Uint8Array) => void

/** The two streams of one link that stands: in order, or broken. */
export class MachineLink {
  readonly peer: number
  readonly #publish: Publish
  readonly #newSegment: () => Uint8Array
  user: LinkUser | undefined
  #sent = 0
  #takenByPeer = 0
  #received = 0
  #taken = 0
  #told = 0
  /** What is written now, behind the room for a head. */
  #segment: Uint8Array | undefined
  #segmentBytes = 0
  /** Segments that wait until the other end has taken more. */
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #finishing: 'no' | 'wanted' | 'sent' = 'no'
  #finished = false

  /** `newSegment`: memory of `SEGMENT_BYTES_MAX`, which `publish` gets, or a copy of what is in it. */
  constructor(peer: number, publish: Publish, newSegment: () => Uint8Array) {
    this.peer = peer
    this.#publish = publish
    this.#newSegment = newSegment
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
    return this.#waitingBytes + this.#segmentBytes
  }

  /** Both ends have finished. */
  get over(): boolean {
    return this.#finishing === 'sent' && this.#finished
  }

  /** Copies. Full segments are published; the rest with `flush`. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const segment = (this.#segment ??= this.#newSegment())
      const count = Math.min(CARRIED_BYTES_MAX - this.#segmentBytes, bytes.length - at)
      segment.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), HEAD_BYTES + this.#segmentBytes)
      this.#segmentBytes += count
      at += count
      if (this.#segmentBytes === CARRIED_BYTES_MAX) this.flush()
    }
  }

  /** Publishes what was written, as far as the other end's window goes, and what was taken, if it is much. */
  flush(): void {
    if (this.#segment && this.#segmentBytes > 0) {
      const end = HEAD_BYTES + this.#segmentBytes
      const kept = this.#segmentBytes < KEPT_BYTES_MAX
      this.#waiting.push(kept ? this.#segment.slice(0, end) : this.#segment.subarray(0, end))
      if (!kept) this.#segment = undefined
      this.#waitingBytes += this.#segmentBytes
      this.#segmentBytes = 0
    }
    this.#publishWaiting()
    if (this.takenIsDue) this.#tellTaken()
  }

  #publishWaiting(): void {
    let next = 0
    for (; next < this.#waiting.length; next++) {
      const segment = this.#waiting[next]
      const bytes = (segment?.length ?? 0) - HEAD_BYTES
      if (!segment || this.#sent + bytes - this.#takenByPeer > UNTAKEN_BYTES_MAX) break
      const at = this.#sent
      this.#sent += bytes
      this.#waitingBytes -= bytes
      this.#publish('data', at, segment)
    }
    if (next > 0) this.#waiting = this.#waiting.slice(next)
    if (this.#finishing !== 'wanted' || this.waitingBytes > 0) return
    this.#finishing = 'sent'
    this.#publish('finish', this.#sent)
  }

  /** Nothing more will be written. */
  finish(): void {
    if (this.#finishing === 'no') this.#finishing = 'wanted'
    this.flush()
  }

  /** Its user has read so many bytes more: the other end is told with `flush`. */
  take(bytes: number): void {
    this.#taken += bytes
  }

  /** So much was taken that the other end should know. */
  get takenIsDue(): boolean {
    return this.#taken - this.#told >= TOLD_BYTES
  }

  #tellTaken(): void {
    this.#told = this.#taken
    this.#publish('taken', this.#taken)
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
