/** Free pieces that are kept. */
const FREE_MAX = 64

/** Memory in pieces of one size, used again and again. */
export class Pieces {
  readonly #bytes: number
  readonly #free: Uint8Array[] = []
  /** Those that are in use. */
  readonly #lent = new WeakSet<ArrayBufferLike>()

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(): Uint8Array {
    const piece = this.#free.pop() ?? new Uint8Array(this.#bytes)
    this.#lent.add(piece.buffer)
    return piece
  }

  /** Any view of a piece that nobody uses any more. What is no piece, or was put back before, is left alone. */
  put(view: Uint8Array): void {
    if (!this.#lent.delete(view.buffer) || this.#free.length >= FREE_MAX) return
    this.#free.push(new Uint8Array(view.buffer))
  }
}
