/**
 * How a journal's files look. A day is one file: a header, then batches, one for each sync.
 *
 *   header  "SWJ1", day (4 bytes), the time at which it began (8, a double), CRC-32 of these (4)
 *   batch   length of its records (4), CRC-32 of number and records (4), number from 1 (4), records
 *   record  length (2), what the exchange wrote
 *
 * Behind the last batch everything is 0. All numbers are big-endian.
 */
import { crc32 } from 'node:zlib'

const VERSION = 'SWJ1'
export const HEADER_BYTES = 20
export const BATCH_HEADER_BYTES = 12
const RECORD_HEADER_BYTES = 2
/** More than any batch has: a length beyond that is none. */
export const BATCH_BYTES_MAX: number = 2 ** 30

export interface Header {
  readonly day: number
  /** ms since 1970. */
  readonly time: number
}

export interface Batch {
  readonly number: number
  readonly records: readonly Uint8Array[]
  /** Where it ends. */
  readonly end: number
}

export function encodeHeader({ day, time }: Header): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES)
  bytes.write(VERSION, 'latin1')
  bytes.writeUInt32BE(day, 4)
  bytes.writeDoubleBE(time, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 16)), 16)
  return bytes
}

/** Undefined if it is none, as where a crash came before it was written. Throws RangeError for another version's. */
export function decodeHeader(bytes: Uint8Array): Header | undefined {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (header.length < HEADER_BYTES) return undefined
  const version = header.toString('latin1', 0, 4)
  if (/^SWJ./.test(version) && version !== VERSION) {
    throw new RangeError(`is of version ${version}, and this program reads ${VERSION}: use the program that wrote it`)
  }
  if (version !== VERSION || crc32(header.subarray(0, 16)) !== header.readUInt32BE(16)) return undefined
  return { day: header.readUInt32BE(4), time: header.readDoubleBE(8) }
}

/** The batch at `at`; undefined if there is no sound one with this number. */
export function batchAt(bytes: Uint8Array, at: number, number: number): Batch | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const start = at + BATCH_HEADER_BYTES
  if (start > all.length || all.readUInt32BE(at + 8) !== number) return undefined
  const length = all.readUInt32BE(at)
  if (length === 0 || length > BATCH_BYTES_MAX || start + length > all.length) return undefined
  if (crc32(all.subarray(at + 8, start + length)) !== all.readUInt32BE(at + 4)) return undefined
  const records: Uint8Array[] = []
  const end = start + length
  for (let from = start; from < end;) {
    const to = from + RECORD_HEADER_BYTES + all.readUInt16BE(from)
    records.push(bytes.subarray(from + RECORD_HEADER_BYTES, to))
    from = to
  }
  return { number, records, end }
}

/** Puts one batch together after the other; its memory grows to the largest one, and stays. */
export class BatchWriter {
  #bytes = Buffer.alloc(64 * 1024)
  #end = BATCH_HEADER_BYTES

  get isEmpty(): boolean {
    return this.#end === BATCH_HEADER_BYTES
  }

  append(record: Uint8Array): void {
    const end = this.#end + RECORD_HEADER_BYTES + record.length
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(2 * end)
      larger.set(this.#bytes.subarray(0, this.#end))
      this.#bytes = larger
    }
    this.#bytes.writeUInt16BE(record.length, this.#end)
    this.#bytes.set(record, this.#end + RECORD_HEADER_BYTES)
    this.#end = end
  }

  /** The batch as it is written. It is valid until the next `append` behind `clear`. */
  finish(number: number): Uint8Array {
    this.#bytes.writeUInt32BE(this.#end - BATCH_HEADER_BYTES, 0)
    this.#bytes.writeUInt32BE(number, 8)
    this.#bytes.writeUInt32BE(crc32(this.#bytes.subarray(8, this.#end)), 4)
    return this.#bytes.subarray(0, this.#end)
  }

  clear(): void {
    this.#end = BATCH_HEADER_BYTES
  }
}
