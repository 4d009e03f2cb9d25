import { HEADER_BYTES, headerAt, payloadBytesMax, TO_BYTES } from './wire.ts'
import type { Header } from './wire.ts'

/** Takes a whole frame. `payload` is valid only during the call. */
export type FrameTaker = (header: Header, payload: Uint8Array) => void

const NOTHING = new Uint8Array(0)
const SPARE_BYTES = { min: 1024, max: 80 * 1024 } as const

/** Cuts what one link brings into frames. */
export class FrameReader {
  readonly #dataBytesMax: number
  readonly #take: FrameTaker
  readonly #skipped: (header: Header) => void
  /** A frame that the end of a chunk has cut, from its header on. */
  #cut: Uint8Array = NOTHING
  #cutBytes = 0
  /** Memory for the next longer frame that is cut. New memory for each took more time than all else that is done with it. */
  #spare: Uint8Array = NOTHING
  #skipping = 0

  /** A data frame with more than `messageBytesMax` for a client and one read beside it is not kept: `skipped` hears of it. */
  constructor(dataBytesMax: number, take: FrameTaker, skipped: (header: Header) => void) {
    this.#dataBytesMax = dataBytesMax
    this.#take = take
    this.#skipped = skipped
  }

  /** Memory that stands ready for the frame that is cut. */
  get heldBytes(): number {
    return this.#cut.length
  }

  /** Takes the next bytes, cut anywhere. Returns what is wrong with them: then the reader is of no use any more. */
  read(chunk: Uint8Array): string | undefined {
    let at = 0
    while (at < chunk.length) {
      if (this.#skipping > 0) {
        const count = Math.min(this.#skipping, chunk.length - at)
        this.#skipping -= count
        at += count
      } else {
        const next = this.#cutBytes > 0 ? this.#resume(chunk, at) : this.#whole(chunk, at)
        if (typeof next === 'string') return next
        at = next
      }
    }
    return undefined
  }

  #whole(chunk: Uint8Array, at: number): number | string {
    if (at + HEADER_BYTES > chunk.length) return this.#keep(chunk, at, HEADER_BYTES)
    const header = headerAt(chunk, at)
    const wrong = wrongIn(header)
    if (!header || wrong !== undefined) return wrong ?? ''
    const body = at + HEADER_BYTES
    if (this.#isTooLong(header)) return this.#skip(header, body)
    if (body + header.length > chunk.length) return this.#keep(chunk, at, HEADER_BYTES + header.length)
    this.#take(header, chunk.subarray(body, body + header.length))
    return body + header.length
  }

  #resume(chunk: Uint8Array, from: number): number | string {
    let at = this.#fill(chunk, from)
    if (this.#cutBytes < this.#cut.length) return at
    const header = headerAt(this.#cut, 0)
    const wrong = wrongIn(header)
    if (!header || wrong !== undefined) return wrong ?? ''
    if (this.#cut.length === HEADER_BYTES) {
      if (this.#isTooLong(header)) {
        this.#forget()
        return this.#skip(header, at)
      }
      const cut = this.#cut
      this.#cut = this.#memoryOf(HEADER_BYTES + header.length)
      this.#cut.set(cut)
      at = this.#fill(chunk, at)
      if (this.#cutBytes < this.#cut.length) return at
    }
    const payload = this.#cut.subarray(HEADER_BYTES)
    this.#forget()
    this.#take(header, payload)
    return at
  }

  #keep(chunk: Uint8Array, at: number, bytes: number): number {
    this.#cut = this.#memoryOf(bytes)
    return this.#fill(chunk, at)
  }

  /** No frame is kept beside another one, and none is used after it was taken. */
  #memoryOf(bytes: number): Uint8Array {
    if (bytes < SPARE_BYTES.min || bytes > SPARE_BYTES.max) return new Uint8Array(bytes)
    if (this.#spare === NOTHING) this.#spare = new Uint8Array(SPARE_BYTES.max)
    return this.#spare.subarray(0, bytes)
  }

  /** Returns where in `chunk` it stopped. */
  #fill(chunk: Uint8Array, from: number): number {
    const count = Math.min(this.#cut.length - this.#cutBytes, chunk.length - from)
    this.#cut.set(chunk.subarray(from, from + count), this.#cutBytes)
    this.#cutBytes += count
    return from + count
  }

  #forget(): void {
    this.#cut = NOTHING
    this.#cutBytes = 0
  }

  #isTooLong({ kind, length }: Header): boolean {
    return kind === 'data' && length > this.#dataBytesMax
  }

  /** Another node allows longer messages than this one: what is too long here is not delivered, and counted. */
  #skip(header: Header, body: number): number {
    this.#skipping = header.length
    this.#skipped(header)
    return body
  }
}

function wrongIn(header: Header | undefined): string | undefined {
  if (!header) return 'a frame of a kind that there is not'
  const { kind, length } = header
  if (kind === 'data') return length < TO_BYTES ? 'a data frame without an id' : undefined
  const max = payloadBytesMax(kind)
  return length > max ? `a ${kind} frame of ${length} bytes: it has at most ${max}` : undefined
}
