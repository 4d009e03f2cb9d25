import { READ_BYTES } from '../limits.ts'
import { Pool } from '../pool.ts'

/** Shorter reads get memory of their own size. Of a pooled piece more than half is in use: no chunk is twice what it counts. */
const POOLED_BYTES_MIN = 8 * 1024
const FREE_BYTES_MAX = 1024 * 1024

/** Memory for what one server reads: a buffer that every read lands in, and chunks that are copied out of it. */
export class ReadPool {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  readonly #pool = new Pool({ bytesMin: POOLED_BYTES_MIN, bytesMax: READ_BYTES, freeBytesMax: FREE_BYTES_MAX })
  /** Pooled chunks that are in use, and their memory. */
  readonly #lent = new WeakMap<Uint8Array, Uint8Array>()

  /** The first `bytes` of the buffer, copied. */
  take(bytes: number): Buffer {
    const read = this.buffer.subarray(0, bytes)
    if (bytes < POOLED_BYTES_MIN) {
      // No view of its `buffer`: V8 keeps short arrays in its heap, and would have to move them out, which takes 0.4 us.
      const chunk = Buffer.allocUnsafeSlow(bytes)
      chunk.set(read)
      return chunk
    }
    const memory = this.#pool.take(bytes)
    memory.set(read)
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
