import { READ_BYTES } from '../limits.ts'
import { Pool } from '../pool.ts'

/** Shorter reads get memory of their own size. Of a pooled piece at least half is in use: no chunk is more than twice what it counts. */
const POOLED_BYTES_MIN = 8 * 1024
/** What sixteen sockets bring in one turn and then read into is 2 MiB; with half of it a fortieth of the reads made memory anew (measured). */
const FREE_BYTES_MAX = 4 * 1024 * 1024
/** As many sockets at a time have memory of their own to read into: together 1 MiB. */
const OWN_MAX = 16

/** Where the next read of one socket lands. */
export interface Landing {
  buffer: Uint8Array
}

/** Memory for what one server reads: a buffer that most reads land in, and chunks that are copied out of it. */
export class ReadPool {
  readonly #shared = new Uint8Array(READ_BYTES)
  readonly #pool = new Pool({ bytesMin: POOLED_BYTES_MIN, bytesMax: READ_BYTES, freeBytesMax: FREE_BYTES_MAX })
  /** Pooled chunks that are in use, and their memory. */
  readonly #lent = new WeakMap<Uint8Array, Uint8Array>()
  #owned = 0

  landing(): Landing {
    return { buffer: this.#shared }
  }

  /**
   * What a read has brought. A socket that brings full reads is given memory of its own, which becomes the chunk: one copy
   * less. It loses it with a read that fills no more than half of it.
   */
  take(landing: Landing, bytes: number): Buffer {
    const { buffer } = landing
    const owned = buffer !== this.#shared
    if (owned && bytes * 2 > READ_BYTES) {
      landing.buffer = this.#pool.take(READ_BYTES)
      return this.#lend(buffer, bytes)
    }
    const chunk = this.#copy(buffer, bytes)
    if (owned) this.giveBack(landing)
    else if (bytes === READ_BYTES && this.#owned < OWN_MAX) {
      this.#owned++
      landing.buffer = this.#pool.take(READ_BYTES)
    }
    return chunk
  }

  /** From now on the socket reads into the buffer that it shares with others, or nothing any more. */
  giveBack(landing: Landing): void {
    if (landing.buffer === this.#shared) return
    this.#owned--
    this.#pool.put(landing.buffer)
    landing.buffer = this.#shared
  }

  #copy(from: Uint8Array, bytes: number): Buffer {
    const read = from.subarray(0, bytes)
    if (bytes < POOLED_BYTES_MIN) {
      // No view of its `buffer`: V8 keeps short arrays in its heap, and would have to move them out, which takes 0.4 us.
      const chunk = Buffer.allocUnsafeSlow(bytes)
      chunk.set(read)
      return chunk
    }
    const memory = this.#pool.take(bytes)
    memory.set(read)
    return this.#lend(memory, bytes)
  }

  #lend(memory: Uint8Array, bytes: number): Buffer {
    const chunk = Buffer.from(memory.buffer, 0, bytes)
    this.#lent.set(chunk, memory)
    return chunk
  }

  /** Whoever was given `chunk` uses it no more. What is no chunk of the pool, or was given back before, is left alone. */
  recycle(chunk: Uint8Array): void {
    const memory = this.#lent.get(chunk)
    if (memory && this.#lent.delete(chunk)) this.#pool.put(memory)
  }
}
