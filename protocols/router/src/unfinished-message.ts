/** Room for the rest of a short message: the largest array that V8 keeps on its own heap, where allocating is cheap. */
const CAPACITY_MIN = 64

/**
 * The bytes of a message whose NUL has not come yet, copied out of the chunks that brought them: a chunk may be used
 * again as soon as it is handled, and a view of a few of its bytes would pin all of it.
 */
export class UnfinishedMessage {
  readonly #capacityMax: number
  #buffer: Uint8Array = new Uint8Array(0)
  #capacity = 0
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
    return this.#capacity
  }

  /** What has come. A view: it is the message's own memory up to the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Copies `part` behind what has come; both together fit into `capacityMax`. `last` says that nothing will follow. */
  append(part: Uint8Array, last: boolean): void {
    const length = this.#length + part.length
    if (length > this.#capacity) this.#grow(length, last)
    this.#buffer.set(part, this.#length)
    this.#length = length
  }

  /** Forgets what has come and keeps the memory, for another message. */
  clear(): void {
    this.#length = 0
  }

  /** The same for a message of another capacity. Memory may stay that this one does not count. */
  begin(capacity: number): void {
    this.#length = 0
    this.#capacity = capacity
    if (this.#buffer.length < capacity) this.#buffer = new Uint8Array(capacity)
  }

  /** Doubling copies each byte once on average, however finely a message is cut; the last part gets what it needs. */
  #grow(needed: number, last: boolean): void {
    const roomy = Math.max(needed, 2 * this.#capacity, CAPACITY_MIN)
    this.#capacity = last ? needed : Math.min(roomy, this.#capacityMax)
    if (this.#buffer.length >= this.#capacity) return
    const grown = new Uint8Array(this.#capacity)
    grown.set(this.bytes)
    this.#buffer = grown
  }
}
