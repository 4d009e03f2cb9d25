export interface PoolOptions {
  /** The smallest piece, a power of two; bytes. */
  readonly bytesMin: number
  /** The largest piece, a power of two; bytes. */
  readonly bytesMax: number
  /** What is kept for the next taker, all sizes together; bytes. */
  readonly freeBytesMax: number
}

/** Memory in sizes of powers of two, used again and again. When it is full, a size gets its share from the one of which the most is kept. */
export class Pool {
  readonly bytesMin: number
  readonly bytesMax: number
  readonly #freeBytesMax: number
  readonly #free = new Map<number, Uint8Array[]>()
  #freeBytes = 0

  constructor({ bytesMin, bytesMax, freeBytesMax }: PoolOptions) {
    this.bytesMin = bytesMin
    this.bytesMax = bytesMax
    this.#freeBytesMax = freeBytesMax
  }

  /** The smallest piece of at least `bytes`, or the largest that there is. */
  take(bytes: number): Uint8Array {
    let size = this.bytesMin
    while (size < bytes && size < this.bytesMax) size *= 2
    const piece = this.#free.get(size)?.pop()
    if (!piece) return new Uint8Array(size)
    this.#freeBytes -= size
    return piece
  }

  put(piece: Uint8Array): void {
    const size = piece.byteLength
    while (this.#freeBytes + size > this.#freeBytesMax) {
      const most = this.#mostKept()
      if (most === undefined) return
      this.#free.get(most)?.pop()
      this.#freeBytes -= most
    }
    this.#freeBytes += size
    const free = this.#free.get(size)
    if (free) free.push(piece)
    else this.#free.set(size, [piece])
  }

  /** The size of which the most bytes are kept, if any are. */
  #mostKept(): number | undefined {
    let most: number | undefined
    let mostBytes = 0
    for (const [size, { length }] of this.#free) {
      if (size * length <= mostBytes) continue
      most = size
      mostBytes = size * length
    }
    return most
  }
}
