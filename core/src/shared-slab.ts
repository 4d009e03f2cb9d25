/** A part of a slab: one view of it serves all queues that have the same bytes to send. */
interface Part {
  readonly start: number
  readonly end: number
  readonly bytes: Uint8Array
}

/** A stream makes a `Buffer` of any other view with each write: of one here, all its readers have the use. */
const viewOf: (bytes: Uint8Array, start: number, end: number) => Uint8Array =
  typeof Buffer === 'undefined'
    ? (bytes, start, end) => bytes.subarray(start, end)
    : (bytes, start, end) => Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)

/** Memory that many queues read from. It is free when the last of them has let go of its part. */
export class SharedSlab {
  readonly bytes: Uint8Array
  /** Bytes filled so far, which never change any more. */
  end = 0
  readonly #freed: (bytes: Uint8Array | undefined) => void
  #readers = 0
  #outlived = false
  #view: Part | undefined
  #copy: Part | undefined

  /** `freed` gets `bytes` back; undefined if the operating system may still read them. */
  constructor(bytes: Uint8Array, freed: (bytes: Uint8Array | undefined) => void) {
    this.bytes = bytes
    this.#freed = freed
  }

  get room(): number {
    return this.bytes.length - this.end
  }

  /** Nobody reads it: it has gone back, or nothing is in it yet. */
  get unread(): boolean {
    return this.#readers === 0
  }

  put(bytes: Uint8Array, start: number, end: number): void {
    this.bytes.set(bytes.subarray(start, end), this.end)
    this.end += end - start
  }

  retain(): void {
    this.#readers++
  }

  /** `pinned`: a write of this part has not been accepted, and will not be waited for. */
  release(pinned: boolean): void {
    this.#outlived ||= pinned
    if (--this.#readers === 0) this.#freed(this.#outlived ? undefined : this.bytes)
  }

  view(start: number, end: number): Uint8Array {
    if (this.#view?.start !== start || this.#view.end !== end) {
      this.#view = { start, end, bytes: viewOf(this.bytes, start, end) }
    }
    return this.#view.bytes
  }

  /** The same for whoever keeps it for long: it holds no more than these bytes. */
  copy(start: number, end: number): Uint8Array {
    if (this.#copy?.start !== start || this.#copy.end !== end) {
      this.#copy = { start, end, bytes: this.bytes.slice(start, end) }
    }
    return this.#copy.bytes
  }
}
