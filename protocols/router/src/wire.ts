/**
 * What both ends of a connection need of PROTOCOL's section 1, and the one limit that they share. `Uint8Array`
 * throughout and nothing of Node's, so that a browser runs the same code.
 */
import type { ClientId } from '@switchyard/core'

/** R1.1: an id is four bytes, most significant first. */
export const ID_BYTES = 4

/**
 * Up to so many bytes a message is looked through by words; the rest of a longer one is left to `indexOf`, whose call costs
 * as much as a loop over some fifty bytes.
 */
const NEAR_BYTES = 128

/** A chunk of fewer bytes brings a few messages at most: not worth a view of its words. */
const WORDS_BYTES_MIN = 256

const UINT32_MAX = 2 ** 32 - 1
const MESSAGE_BYTES_MAX_RANGE = { min: 1, max: 2 ** 30 } as const

/** `Limits` of core is one. */
export interface MessageLimits {
  /** R5.1: the longest message, body and NUL, from 1 to 2^30. The destination's id does not count. */
  readonly messageBytesMax: number
}

/** Throws RangeError: names the limit, the value that it had and those that it may have. */
export function messageBytesMaxOf({ messageBytesMax }: MessageLimits): number {
  const { min, max } = MESSAGE_BYTES_MAX_RANGE
  if (!Number.isInteger(messageBytesMax) || messageBytesMax < min || messageBytesMax > max) {
    throw new RangeError(`messageBytesMax is ${messageBytesMax}: it must be a whole number from ${min} to ${max}`)
  }
  return messageBytesMax
}

/** R5.1: whether so many bytes of one message, without its id, are too many. An incomplete one lacks its NUL still. */
export function isTooLong(bytes: number, complete: boolean, messageBytesMax: number): boolean {
  return complete ? bytes > messageBytesMax : bytes >= messageBytesMax
}

/** Finds the messages of one chunk. */
export class Scan {
  readonly bytes: Uint8Array
  readonly #words: DataView | undefined
  /** The latest message was: then the next one mostly is. */
  #long = false

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    const many = bytes.length >= WORDS_BYTES_MIN
    this.#words = many ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : undefined
  }

  /** Where the first NUL at or after `from` is; -1 if there is none. `from` may lie behind the end. */
  indexOfNul(from: number): number {
    let at = from
    if (!this.#long) {
      const near = Math.min(from + NEAR_BYTES, this.bytes.length)
      const words = this.#words
      if (words) {
        for (; at + 8 <= near; at += 8) {
          const first = nulsIn(words.getInt32(at, true))
          const second = nulsIn(words.getInt32(at + 4, true))
          if ((first | second) !== 0) return first !== 0 ? at + lowestByte(first) : at + 4 + lowestByte(second)
        }
      }
      for (; at < near; at++) if (this.bytes[at] === 0) return at
    }
    const nul = this.bytes.indexOf(0, at)
    this.#long = nul - from >= NEAR_BYTES
    return nul
  }

  /** The id that begins at `at`; all of its bytes must be there. */
  idAt(at: number): ClientId {
    return this.#words ? this.#words.getUint32(at) : readId(this.bytes, at)
  }
}

/** Not 0 if one of a word's four bytes is: the lowest bit that is set belongs to the lowest of those (Hacker's Delight, 6-1). */
function nulsIn(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080
}

/** In which byte the lowest set bit is. */
function lowestByte(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >>> 3
}

/** The id at `bytes[at, at + 4)`, all of which must be there. */
export function readId(bytes: Uint8Array, at: number): ClientId {
  // Shifts yield signed numbers, which `>>> 0` undoes. A DataView would be clearer, and an object for each call.
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Four bytes. Throws RangeError if `id` does not fit into them. */
export function encodeId(id: ClientId): Uint8Array {
  if (!Number.isInteger(id) || id < 0 || id > UINT32_MAX) {
    throw new RangeError(`id is ${id}: it must be a whole number from 0 to ${UINT32_MAX}`)
  }
  return Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id)
}
