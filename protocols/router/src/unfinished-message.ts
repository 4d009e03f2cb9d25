/** Room for the rest of a short message: the largest array that V8 keeps on its own heap, where allocating is cheap. */
const CAPACITY_MIN = 64

/**
 * The bytes of a message whose NUL has not come yet, copied out of the chunks that brought them: a chunk may be used
 * again as soon as it is handled, and a view of a few of its bytes would pin all of it.
 */
export class UnfinishedMessage {
  readonly #capacityMax: number
  #buffer: Uint8Array = new Uint8Array(0)
  #length = 0

  /** `capacityMax` is what the longest message needs; bytes. */
  constructor(capacityMax: number) {
    this.#capacityMax = capacityMax
  }

  /** How many bytes have come. */
  get length(): number {
    return this.#length
  }

  /** How many bytes of memory stand ready for them: what counts as held. */
  get capacity(): number {
    return this.#buffer.length
  }

  /** What has come. A view: it is the message's own memory up to the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Copies `part` behind what has come; both together fit into `capacityMax`. `last` says that nothing will follow. */
  append(part: Uint8Array, last: boolean): void {
    const length = this.#length + part.length
    if (length > this.#buffer.length) this.#grow(length, last)
    this.#buffer.set(part, this.#length)
    this.#length = length
  }

  /** Forgets what has come and keeps the memory, for another message. */
  clear(): void {
    this.#length = 0
  }

  /** Doubling copies each byte once on average, however finely a message is cut; the last part gets what it needs. */
  #grow(needed: number, last: boolean): void {
    const roomy = Math.max(needed, 2 * this.#buffer.length, CAPACITY_MIN)
    const grown = new Uint8Array(last ? needed : Math.min(roomy, this.#capacityMax))
    grown.set(this.bytes)
    this.#buffer = grown
  }
}
