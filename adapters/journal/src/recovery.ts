/** From what is on the disk to the state that it says: the newest whole snapshot of the last day, then every batch behind it. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Engine } from '@switchyard/protocols/exchange'
import { JournalError } from './folder.ts'
import type { Folder } from './folder.ts'
import { batchAt, BATCH_HEADER_BYTES, decodeHeader, HEADER_BYTES } from './format.ts'
import type { Header } from './format.ts'

/** What a recovery found. */
export interface Recovered {
  /** 0: there was no journal. */
  readonly day: number
  /** The last batch that was read, and where it ends. */
  readonly batch: number
  readonly end: number
  /** Commands that were replayed, and the batch up to which a snapshot had it already. */
  readonly commands: number
  readonly snapshot: number
  /** Bytes of a batch that a crash cut: nobody was told of what was in it. */
  readonly tornBytes: number
  readonly ms: number
}

export interface Progress {
  /** Of the day's file, bytes. */
  readonly read: number
  readonly of: number
}

const PROGRESS_COMMANDS = 50_000

/**
 * Brings a new engine to where the journal ends. Throws JournalError for a journal that is damaged, of another version, or not of this
 * exchange: what can't be explained by a crash is never passed over.
 */
export async function recover(
  folder: Folder,
  engine: Engine,
  onProgress?: (progress: Progress) => void,
): Promise<Recovered> {
  const began = performance.now()
  const { day, path, bytes, header } = await lastDay(folder)
  if (!header) return { day: 0, batch: 0, end: 0, commands: 0, snapshot: 0, tornBytes: 0, ms: 0 }
  const snapshot = await folder.snapshotOf(day)
  try {
    if (snapshot) engine.restore(snapshot.bytes)
    else engine.begin(header.day, header.time)
    let [number, at, commands] = [0, HEADER_BYTES, 0]
    for (let batch = batchAt(bytes, at, 1); batch; batch = batchAt(bytes, at, number + 1)) {
      ;({ number, end: at } = batch)
      if (number <= (snapshot?.batch ?? 0)) continue
      for (const record of batch.records) {
        engine.replay(record)
        if (++commands % PROGRESS_COMMANDS === 0) onProgress?.({ read: at, of: bytes.length })
      }
    }
    if (number < (snapshot?.batch ?? 0)) {
      throw new RangeError(`ends at batch ${number}, and its snapshot has batch ${snapshot?.batch}`)
    }
    const tornBytes = tornBehind(bytes, at, number + 1)
    return {
      day,
      batch: number,
      end: at,
      commands,
      snapshot: snapshot?.batch ?? 0,
      tornBytes,
      ms: performance.now() - began,
    }
  } catch (error) {
    if (error instanceof RangeError) throw new JournalError(`The journal ${path} ${error.message}.`, { cause: error })
    throw error
  }
}

interface Day {
  readonly day: number
  readonly path: string
  readonly bytes: Uint8Array
  /** Undefined: there is no day yet. */
  readonly header: Header | undefined
}

/** A crash can come while the file of a day is made: then the day before is the last, and what it ended with is done again. */
async function lastDay(folder: Folder): Promise<Day> {
  for (const day of (await folder.days()).toReversed()) {
    const path = folder.dayFile(day)
    const bytes = readWhole(path)
    try {
      const header = decodeHeader(bytes)
      if (header?.day === day) return { day, path, bytes, header }
      if (header) throw new RangeError(`says that it is of day ${header.day}`)
      if (bytes.subarray(HEADER_BYTES).some((byte) => byte !== 0)) throw new RangeError('has a header that is damaged')
    } catch (error) {
      if (error instanceof RangeError) throw new JournalError(`The journal ${path} ${error.message}.`, { cause: error })
      throw error
    }
  }
  return { day: 0, path: '', bytes: new Uint8Array(0), header: undefined }
}

/**
 * How many bytes of a batch that was not finished stand behind the last one. Throws RangeError if that is no cut batch: a sound batch
 * behind it says that something in between is damaged, and that people were told what it said.
 */
function tornBehind(bytes: Uint8Array, at: number, number: number): number {
  let end = bytes.length
  while (end > at && bytes[end - 1] === 0) end--
  for (let start = at; start + BATCH_HEADER_BYTES <= end; start++) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset + start, BATCH_HEADER_BYTES)
    const follows = view.readUInt32BE(8)
    if (follows > number && follows <= number + 2 && batchAt(bytes, start, follows)) {
      throw new RangeError(`is damaged: batch ${number} can't be read, and batch ${follows} is behind it`)
    }
  }
  return end - at
}

function readWhole(path: string): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(fstatSync(file).size)
    for (let at = 0; at < bytes.length;) {
      const read = readSync(file, bytes, at, bytes.length - at, at)
      if (read === 0) return bytes.subarray(0, at)
      at += read
    }
    return bytes
  } finally {
    closeSync(file)
  }
}
