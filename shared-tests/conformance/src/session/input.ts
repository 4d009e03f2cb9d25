/** What has arrived and was not taken yet. No byte is searched twice, and none is copied unless a taker crosses chunks. */
export class Input {
  #chunks: Uint8Array[] = []
  /** Bytes already taken of the first chunk. */
  #taken = 0
  #length = 0
  /** The byte that was searched last; so many bytes from the front do not have it: whole chunks of them, and their sum. */
  #byte = -1
  #cleanChunks = 0
  #cleanBytes = 0

  get length(): number {
    return this.#length
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
  }

  /** How many bytes stand before the first `byte`; undefined if there is none yet. */
  before(byte: number): number | undefined {
    if (byte !== this.#byte) {
      this.#byte = byte
      this.#cleanChunks = 0
      this.#cleanBytes = 0
    }
    for (; this.#cleanChunks < this.#chunks.length; this.#cleanChunks++) {
      const chunk = this.#chunk(this.#cleanChunks)
      const at = chunk.indexOf(byte)
      if (at >= 0) return this.#cleanBytes + at
      this.#cleanBytes += chunk.length
    }
    return undefined
  }

  /** The first `count` bytes, which must be there. A view where that is possible: valid until the client is disposed of. */
  take(count: number): Uint8Array {
    if (count > this.#length) throw new RangeError(`${count} bytes asked for, ${this.#length} are there`)
    this.#cleanChunks = 0
    this.#cleanBytes = 0
    this.#length -= count
    const pieces: Uint8Array[] = []
    let whole = 0
    for (let missing = count; missing > 0;) {
      const piece = this.#chunk(whole).subarray(0, missing)
      pieces.push(piece)
      missing -= piece.length
      this.#taken += piece.length
      if (this.#taken < (this.#chunks[whole]?.length ?? 0)) break
      this.#taken = 0
      whole++
    }
    if (whole > 0) this.#chunks.splice(0, whole)
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces)
  }

  /** At most `count` bytes from the front, left where they are. */
  peek(count: number): Uint8Array {
    const pieces: Uint8Array[] = []
    for (let i = 0, bytes = 0; i < this.#chunks.length && bytes < count; i++) {
      const chunk = this.#chunk(i)
      pieces.push(chunk)
      bytes += chunk.length
    }
    return Buffer.concat(pieces).subarray(0, count)
  }

  #chunk(index: number): Uint8Array {
    const chunk = this.#chunks[index] ?? new Uint8Array(0)
    return index === 0 ? chunk.subarray(this.#taken) : chunk
  }
}
