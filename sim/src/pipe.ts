/** A kernel's buffer: bytes in the order in which they were put in, never more than its capacity. */
export class Pipe {
  readonly capacity: number
  #bytes: Uint8Array
  #start = 0
  #end = 0

  constructor(capacity: number) {
    this.capacity = capacity
    this.#bytes = new Uint8Array(Math.min(capacity, 256))
  }

  get length(): number {
    return this.#end - this.#start
  }

  get space(): number {
    return this.capacity - this.length
  }

  /** Takes in as much of `bytes` as there is space for, at most `max`; answers with how much. */
  put(bytes: Uint8Array, max: number = bytes.length): number {
    const count = Math.min(bytes.length, max, this.space)
    this.#makeRoom(count)
    this.#bytes.set(count === bytes.length ? bytes : bytes.subarray(0, count), this.#end)
    this.#end += count
    return count
  }

  /** Takes out the first bytes, at most `max`: a copy. */
  take(max: number): Uint8Array {
    const count = Math.min(max, this.length)
    const taken = this.#bytes.slice(this.#start, this.#start + count)
    this.#start += count
    if (this.#start === this.#end) this.#start = this.#end = 0
    return taken
  }

  /** What is in it, until the next call. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end)
  }

  clear(): void {
    this.#start = this.#end = 0
  }

  #makeRoom(count: number): void {
    if (this.#end + count <= this.#bytes.length) return
    const length = this.length
    const target = length + count <= this.#bytes.length ? this.#bytes : new Uint8Array((length + count) * 2)
    target.set(this.peek(), 0)
    this.#bytes = target
    this.#start = 0
    this.#end = length
  }
}
