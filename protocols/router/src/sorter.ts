/**
 * Sends the short messages of a chunk sorted by destination: one call of `send` for all that go to one, instead of one each.
 *
 * Idea       A chunk holds hundreds of short messages for a few destinations, and each call costs more than its bytes do.
 * Order      For each destination that of the chunk. Destinations take turns in the order of their first messages.
 * Price      WebAssembly. Where there is none the router's own loop sends everything, six times as slowly (measured, 32 B).
 * Read       sort.wat, of which MODULE is the binary form; a test compares the two.
 */
import type { Outbox } from '@switchyard/core'
import type { Scan } from './wire.ts'

/** Longer messages are not worth two more copies. */
export const SORTED_BYTES_MAX: number = 1536
/** Fewer bytes hold a few messages at most. */
export const SORTED_CHUNK_BYTES_MIN: number = 512

/** As sort.wat divides its memory. */
const GROUP_BYTES = 16
const INPUT = 179_664
const INPUT_BYTES_MAX = 64 * 1024

/** `sort.wat` in binary and base64. */
export const MODULE: string =
  'AGFzbQEAAAABCAFgA39/fwF/AwIBAAUDAQAEBxECBm1lbW9yeQIABHNvcnQAAAq2AwGzAwELf0GQKCEDAkADQCAAQQRqIQQgBCACaiEGIAYgAUsE' +
  'QCABIQYLIAQhBQNAIAUgBk8NAiAF/QAEAP0MAAAAAAAAAAAAAAAAAAAAAP0j/WQhByAHRQRAIAVBEGohBQwBCwsgBSAHaGpBAWohBSAFIAZLDQEg' +
  'ACgCACEIIAhBFnZB/AdxIQkgCSgCkCAhCiAKIAtPIAooAgAgCEdyBEAgC0GAIEYNAiALIQogCSAKNgKQICAKIAg2AgAgCkIANwIEIAtBEGohCwsg' +
  'CiAKKAIEIAUgBGtqNgIEIAogCigCCEEBajYCCCADIAQ2AgAgAyAKNgIEIANBCGohAyAFIQAMAAsLIAMgAEEEajYCACALQgA3AgRBwNsGIQxBACEK' +
  'A0AgCiAMNgIMIAwgCigCBGpBEGohDCAKQRBqIQogCiALSQ0ACyADIQ1BkCghAwJAA0AgAyANRg0BIAMoAgAhBCADKAIEIQogA0EIaiEDIAooAgwh' +
  'DCAMIAMoAgAgBGtBBGtqIQYgCiAGNgIMA0AgDCAE/QAEAP0LBAAgBEEQaiEEIAxBEGohDCAMIAZJDQALDAALCyAACw=='

export class Sorter {
  readonly #module: Exports
  readonly #memory: Uint8Array
  readonly #words: DataView
  /** Whose bytes lie in the memory, and which of them. */
  #scan: Scan | undefined
  #from = 0
  #to = 0
  #sending = false

  /** Throws where there is no WebAssembly, or none with SIMD. */
  constructor() {
    const binary = Uint8Array.from(atob(MODULE), (byte) => byte.charCodeAt(0))
    this.#module = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports
    this.#memory = new Uint8Array(this.#module.memory.buffer)
    this.#words = new DataView(this.#module.memory.buffer)
  }

  /**
   * Sends messages of a chunk from `start` on, up to one that is cut or has more than `longest` bytes behind its id. Returns
   * where it stopped. Called again with the same `scan`, it goes on without a new copy of the chunk.
   */
  send(scan: Scan, start: number, longest: number, out: Pick<Outbox, 'send'>): number {
    if (this.#sending) return start // An outbox that leads to another router, whose messages would come into this one's memory.
    if (scan !== this.#scan || start >= this.#to) this.#load(scan, start)
    this.#sending = true
    try {
      const end = INPUT + this.#to - this.#from
      let at = INPUT + start - this.#from
      for (;;) {
        const stopped = this.#module.sort(at, end, longest)
        if (stopped === at) return this.#from + at - INPUT
        this.#sendGroups(out)
        at = stopped
      }
    } finally {
      this.#sending = false
    }
  }

  #load(scan: Scan, start: number): void {
    this.#scan = scan
    this.#from = start
    this.#to = Math.min(scan.bytes.length, start + INPUT_BYTES_MAX)
    this.#memory.set(scan.bytes.subarray(start, this.#to), INPUT)
  }

  #sendGroups(out: Pick<Outbox, 'send'>): void {
    const words = this.#words
    for (let group = 0; ; group += GROUP_BYTES) {
      const bytes = words.getUint32(group + 4, true)
      if (bytes === 0) return
      const end = words.getUint32(group + 12, true)
      // The id lies there as it came: most significant byte first (R1.1).
      out.send(words.getUint32(group), this.#memory, end - bytes, end, words.getUint32(group + 8, true))
    }
  }
}

/** One for the whole process, since each one reserves address space for a memory of any size. */
export const sorter: Sorter | null = sorterIfPossible()

function sorterIfPossible(): Sorter | null {
  try {
    return new Sorter()
  } catch {
    return null // No WebAssembly here, or a policy that forbids it. The loop does the same.
  }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  sort(at: number, end: number, longest: number): number
}

/** What ES2023 does not declare. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Exports }
}
