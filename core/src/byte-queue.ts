import { READ_BYTES } from './limits.ts'
import { LinkedQueue } from './linked-queue.ts'
import { Pool } from './pool.ts'
import type { SharedSlab } from './shared-slab.ts'

/** A piece of memory and the part of it that is queued. */
export interface Segment {
  bytes: Uint8Array
  /** Bytes of memory that it keeps. Not asked of `bytes.buffer`: for a short array V8 would have to make one, which takes 0.4 us. */
  capacity: number
  start: number
  end: number
  /** From the pool, so that it goes back there; given memory does not. */
  readonly pooled: boolean
  /** Others read from the same memory; it is let go of here, not given back. */
  readonly shared: SharedSlab | undefined
  /** Part of a write that the operating system has not accepted: its bytes must stay where they are. */
  pinned: boolean
}

/** Where queues that follow it get their bytes from. */
export interface Source {
  readonly slab: SharedSlab
  /** How many queues follow it. */
  followers: number
}

/** Up to so many bytes a loop over words copies faster than a call (measured: 32 bytes in 12 ns against 27). */
const SHORT_BYTES_MAX = 96
/** A chunk of fewer brings a few messages at most: for them a loop over bytes does, and no view of words is made. */
const MANY_BYTES_MIN = 256
const SLAB_BYTES_MIN = 1024
/** Each merging copies what was merged before, so that it ends here. */
const MERGED_BYTES_MAX = 1024
/**
 * Sixteen destinations of spread traffic have 3 MiB in use at once, in race and channel-per-writer. With 2 MiB, race made ten thousand
 * slabs anew in a second, each for the collector, and needed a fifth more CPU time (measured).
 */
const FREE_BYTES_MAX = 8 * 1024 * 1024

/** Memory for the queues of one server. */
export class Slabs extends Pool {
  #source: Uint8Array = new Uint8Array(0)
  #sourceWords: DataView = wordsOf(this.#source)
  /** What is given and larger is copied into slabs, so that a bounded mailbox can take it in pieces. */
  readonly givenBytesMax: number

  /** No slab is larger than an eighth of `queuedBytesMax`, so that their unused ends do not eat a small bound (R5.4). */
  constructor(queuedBytesMax: number) {
    const bytesMax = Math.min(READ_BYTES, 2 ** Math.floor(Math.log2(queuedBytesMax / 8)))
    super({ bytesMin: Math.min(SLAB_BYTES_MIN, bytesMax), bytesMax, freeBytesMax: FREE_BYTES_MAX })
    this.givenBytesMax = queuedBytesMax / 2
  }

  /** `bytes` as words. It is mostly one chunk that is copied from again and again, so the latest is remembered. */
  wordsOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#source) {
      this.#source = bytes
      this.#sourceWords = wordsOf(bytes)
    }
    return this.#sourceWords
  }
}

/**
 * Bytes in the order in which they were put in. Small runs are copied into slabs, because keeping a view of a chunk would
 * keep its whole 64 KiB; large ones are handed over. What it holds is counted by capacity, not by payload.
 */
export class ByteQueue {
  readonly #slabs: Slabs
  readonly #account: (delta: number, shared: boolean) => void
  readonly #segments = new LinkedQueue<Segment>()
  #tail: Segment | undefined
  /** The tail's memory, once it has been wanted. */
  #tailWords: DataView | undefined
  #source: Source | undefined
  #length = 0
  #held = 0
  /** Bytes that have left it, ever; and how many may have left it by now, if that is bounded. */
  #taken = 0
  #released: number | undefined
  /** How much was in the queue lately when it ran empty: the size of the next first slab. */
  #usual = 0
  #peak = 0

  /** `account` hears of every change of `held`; of memory that is shared, whoever shares it counts it too. */
  constructor(slabs: Slabs, account: (delta: number, shared: boolean) => void) {
    this.#slabs = slabs
    this.#account = account
  }

  /** Bytes queued. */
  get length(): number {
    if (this.#source) this.settle()
    return this.#length
  }

  /** Queued bytes that may leave. */
  get leaving(): number {
    const { length } = this
    return this.#released === undefined ? length : Math.min(length, this.#released - this.#taken)
  }

  /** Bytes that were ever put in. */
  get end(): number {
    return this.#taken + this.length
  }

  /** From now on only the first bytes that were ever put in may leave, so many of them. */
  release(end: number): void {
    this.#released = end
  }

  /** Bytes of memory behind them. */
  get held(): number {
    return this.#held
  }

  /**
   * Copies `bytes[start, end)` to the end of the queue. Throws RangeError if that is not a part of `bytes`: a slab still holds
   * what others were sent, and a protocol that miscounts would send it on.
   */
  push(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    mustBePart(bytes, start, end)
    if (this.#source) this.settle()
    const count = end - start
    const tail = this.#tail
    this.#length += count
    const fits = tail && count <= SHORT_BYTES_MAX && tail.end + count <= tail.bytes.length
    if (!fits || (!this.#tailWords && bytes.length < MANY_BYTES_MIN)) return this.#put(bytes, start, end)
    this.#tailWords ??= wordsOf(tail.bytes) // For the second message of a slab: many slabs of spread traffic have no second one.
    copyWords(this.#slabs.wordsOf(bytes), start, end, this.#tailWords, tail.end)
    tail.end += count
  }

  /** Into as many slabs as it takes. */
  #put(bytes: Uint8Array, start: number, end: number): void {
    for (let from = start; from < end;) {
      const tail = this.#room(end - from)
      const count = Math.min(end - from, tail.bytes.length - tail.end)
      if (count > SHORT_BYTES_MAX)
        tail.bytes.set(new Uint8Array(bytes.buffer, bytes.byteOffset + from, count), tail.end)
      else copyBytes(bytes, from, from + count, tail.bytes, tail.end)
      tail.end += count
      from += count
    }
  }

  /** Takes `bytes` over: nobody else touches them again. What is short is copied: beside a slab's it would take an object of its own. */
  give(bytes: Uint8Array): void {
    const capacity = bytes.buffer.byteLength
    if (capacity < this.#slabs.bytesMin || capacity > this.#slabs.givenBytesMax) this.push(bytes)
    else if (bytes.length > 0)
      this.append({ bytes, capacity, start: 0, end: bytes.length, pooled: false, shared: undefined, pinned: false })
  }

  /** Takes over a segment that came out of `shift`. */
  append(segment: Segment): void {
    if (this.#source) this.settle()
    this.#segments.push(segment)
    this.#tail = undefined
    this.#length += segment.end - segment.start
    this.#charge(segment.capacity, segment.shared)
  }

  /** What this queue follows: all that is put in there from now on is at the end of this queue too. */
  get source(): Source | undefined {
    return this.#source
  }

  /** Ends with the next use of this queue, whatever it is. At least one byte is put into `source` before that. */
  follow(source: Source): void {
    this.settle()
    const shared = source.slab
    const last = this.#segments.last
    if (last?.shared !== shared || last.end !== shared.end) {
      const { bytes, end } = shared
      shared.retain()
      this.#segments.push({ bytes, capacity: bytes.length, start: end, end, pooled: false, shared, pinned: false })
      this.#tail = undefined
      this.#charge(bytes.length, shared)
    }
    this.#source = source
    source.followers++
  }

  /** Follows no more: what its source has by now is in the queue. */
  settle(): void {
    const source = this.#source
    const last = this.#segments.last
    if (!source || !last) return
    this.#source = undefined
    source.followers--
    this.#length += source.slab.end - last.end
    last.end = source.slab.end
  }

  /**
   * Takes out the first segment, whole; undefined if there is none. Not while a part of it is pinned. Its memory fits: what
   * fills less than three quarters of its slab comes out as a copy, since it may now be kept for long.
   */
  shift(): Segment | undefined {
    if (this.#source) this.settle()
    const segment = this.#segments.shift()?.item
    if (!segment) return undefined
    this.#notePeak()
    const length = segment.end - segment.start
    this.#length -= length
    this.#taken += length
    this.#emptied()
    const { start, end, shared } = segment
    if ((!segment.pooled && !shared) || length * 4 >= segment.bytes.length * 3) {
      this.#charge(-segment.capacity, shared)
      return segment
    }
    const bytes = shared ? shared.copy(start, end) : segment.bytes.slice(start, end)
    this.#free(segment)
    return { bytes, capacity: length, start: 0, end: length, pooled: false, shared: undefined, pinned: false }
  }

  /**
   * Views of the first bytes that may leave, at most `bytesMax` together. They stay where they are until `consume` or `clear`; those that
   * `given` hears of, in memory that was given, for ever.
   */
  pin(bytesMax: number, given?: (bytes: Uint8Array) => void): Uint8Array[] {
    const views: Uint8Array[] = []
    let room = Math.min(bytesMax, this.leaving)
    for (let link = this.#segments.head; link && room > 0; link = link.next) {
      const segment = link.item
      const count = Math.min(room, segment.end - segment.start)
      const { start, shared } = segment
      segment.pinned = true
      if (given && !segment.pooled && !shared) given(segment.bytes)
      views.push(shared ? shared.view(start, start + count) : segment.bytes.subarray(start, start + count))
      room -= count
    }
    return views
  }

  /** Lets go of the first `count` bytes. */
  consume(count: number): void {
    if (this.#source) this.settle()
    this.#notePeak()
    this.#length -= count
    this.#taken += count
    let left = count
    while (left > 0) {
      const segment = this.#segments.first!
      const taken = Math.min(left, segment.end - segment.start)
      segment.start += taken
      segment.pinned = false
      left -= taken
      if (segment.start < segment.end) continue
      this.#segments.shift()
      this.#free(segment)
    }
    this.#emptied()
  }

  /** Lets go of everything. Pinned slabs do not return to the pool: somebody may still read them. */
  clear(): void {
    if (this.#source) this.settle()
    this.#notePeak()
    for (const segment of this.#segments.takeAll()) this.#free(segment)
    this.#taken += this.#length
    this.#length = 0
    this.#emptied()
  }

  /** Before anything goes out: the queue only grows until then. */
  #notePeak(): void {
    if (this.#length > this.#peak) this.#peak = this.#length
  }

  #emptied(): void {
    if (this.#segments.length > 0) return
    this.#tail = undefined
    this.#usual = Math.max(this.#peak, this.#usual >>> 1)
    this.#peak = 0
  }

  #free(segment: Segment): void {
    this.#charge(-segment.capacity, segment.shared)
    if (segment.shared) segment.shared.release(segment.pinned)
    else if (segment.pooled && !segment.pinned) this.#slabs.put(segment.bytes)
  }

  #charge(delta: number, shared?: SharedSlab): void {
    this.#held += delta
    this.#account(delta, shared !== undefined)
  }

  /** A tail with room for at least one byte, and for all `wanted` if a slab can have that. */
  #room(wanted: number): Segment {
    const tail = this.#tail
    if (tail) {
      if (tail.end + wanted <= tail.bytes.length) return tail
      if (!tail.pinned && tail.bytes.length < this.#slabs.bytesMax) return this.#grow(tail, wanted)
      if (tail.end < tail.bytes.length) return tail
    }
    // Behind a given segment the smallest slab that does: most of it would stay empty until the next one is given.
    const first = this.#segments.length === 0
    const bytes = this.#slabs.take(first ? Math.max(wanted, this.#usual) : Math.max(wanted, tail?.bytes.length ?? 0))
    const capacity = bytes.byteLength
    const segment: Segment = { bytes, capacity, start: 0, end: 0, pooled: true, shared: undefined, pinned: false }
    this.#segments.push(segment)
    this.#tail = segment
    this.#tailWords = undefined
    this.#charge(bytes.byteLength)
    return segment
  }

  /** Twice the slab or more, so that one write carries what one slab holds; each byte is copied less than once more. */
  #grow(tail: Segment, wanted: number): Segment {
    const live = tail.end - tail.start
    const bytes = this.#slabs.take(Math.max(live + wanted, tail.bytes.length * 2))
    bytes.set(tail.bytes.subarray(tail.start, tail.end))
    this.#charge(bytes.byteLength - tail.capacity)
    this.#slabs.put(tail.bytes)
    tail.bytes = bytes
    tail.capacity = bytes.byteLength
    this.#tailWords = undefined
    tail.start = 0
    tail.end = live
    return tail
  }
}

/** Throws RangeError otherwise. */
export function mustBePart(bytes: Uint8Array, start: number, end: number): void {
  if (start < 0 || start > end || end > bytes.length) {
    throw new RangeError(`bytes ${start} to ${end} are not a part of ${bytes.length}`)
  }
}

function copyBytes(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  for (let from = start, to = at; from < end; from++, to++) target[to] = source[from]!
}

function wordsOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Copies `source[start, end)` to `target[at...]` by words, two at a time. With the router's scan, which does the same, a
 * short message takes half as long from its chunk to its queue as with loops over bytes (measured: 31 ns instead of 59).
 */
function copyWords(source: DataView, start: number, end: number, target: DataView, at: number): void {
  let from = start
  let to = at
  for (; from + 8 <= end; from += 8, to += 8) {
    target.setInt32(to, source.getInt32(from, true), true)
    target.setInt32(to + 4, source.getInt32(from + 4, true), true)
  }
  for (; from < end; from++, to++) target.setInt8(to, source.getInt8(from))
}

/**
 * Two segments in one, as large as both, or undefined. Only short ones are merged, whose objects would take many times their
 * payload. Neither may be pinned.
 */
export function mergeSegments(first: Segment, second: Segment): Segment | undefined {
  const firstBytes = first.end - first.start
  const end = firstBytes + second.end - second.start
  if (end > MERGED_BYTES_MAX || first.pooled || second.pooled || first.shared || second.shared) return undefined
  if (first.capacity + second.capacity !== end) return undefined
  const bytes = new Uint8Array(end)
  bytes.set(first.bytes.subarray(first.start, first.end))
  bytes.set(second.bytes.subarray(second.start, second.end), firstBytes)
  return { bytes, capacity: end, start: 0, end, pooled: false, shared: undefined, pinned: false }
}
