/**
 * What the exchange asks of whoever keeps its commands, and the form that they are kept in. No I/O is done here: a disk stands in
 * `adapters/journal`, a scheduled one in the simulator.
 */
import { ascii, copyBytes } from './packets.ts'
import { NAME_BYTES } from './accounts.ts'

export interface CommandJournal {
  /** Takes one record in, behind those before it. `record` is valid only during the call. */
  append(record: Uint8Array): void
  /**
   * Resolves when everything that was appended is durable, rejects if it cannot be made so. Undefined if nothing was appended since
   * the last call: then there is nothing to wait for. This is `ServeOptions.commit`.
   */
  sync(): Promise<void> | undefined
  /** Absent: it does not count. */
  readonly statistics?: JournalFigures
}

/** What a journal has done since it was opened. */
export interface JournalFigures {
  readonly commands: number
  readonly syncs: number
  readonly bytes: number
  /** How long syncs took: in all, and the longest, ms. */
  readonly syncMs: number
  readonly longestSyncMs: number
}

/** The commands that no client sends: the end of an account's session, and of a day. */
export const SESSION_ENDED = 0x44
export const DAY_ENDED = 0x5a

const TIME_BYTES = 8
const SPACE = 0x20
export const RECORD_HEADER_BYTES: number = TIME_BYTES + NAME_BYTES

export interface JournalRecord {
  /** Wall-clock time, ms since 1970; never less than that of the record before. */
  readonly time: number
  /** The account's; empty at the end of a day. */
  readonly name: string
  /** The command, its type first. */
  readonly command: Uint8Array
}

/** Writes records into one piece of memory: each is valid until the next one is written. */
export class RecordWriter {
  readonly #bytes = new Uint8Array(RECORD_HEADER_BYTES + 256)
  readonly #view = new DataView(this.#bytes.buffer)
  /** Its beginning, by length: commands have few lengths, and each record would make a view else. */
  readonly #records = new Map<number, Uint8Array>()

  write(time: number, name: string, bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = RECORD_HEADER_BYTES + end - start
    this.#view.setFloat64(0, time)
    for (let index = 0; index < NAME_BYTES; index++) {
      this.#bytes[TIME_BYTES + index] = index < name.length ? name.charCodeAt(index) : SPACE
    }
    copyBytes(bytes, start, end, this.#bytes, RECORD_HEADER_BYTES)
    let record = this.#records.get(length)
    if (!record) this.#records.set(length, (record = this.#bytes.subarray(0, length)))
    return record
  }
}

/** Whether a record is the end of a day, without making anything of it. */
export function endsDay(record: Uint8Array): boolean {
  return record[RECORD_HEADER_BYTES] === DAY_ENDED
}

/** Throws RangeError if it is too short to be one. */
export function recordOf(bytes: Uint8Array): JournalRecord {
  if (bytes.length <= RECORD_HEADER_BYTES) throw new RangeError(`a record of ${bytes.length} bytes is too short`)
  return {
    time: new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0),
    name: ascii(bytes, TIME_BYTES, RECORD_HEADER_BYTES).trimEnd(),
    command: bytes.subarray(RECORD_HEADER_BYTES),
  }
}
