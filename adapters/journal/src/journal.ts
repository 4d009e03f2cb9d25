/**
 * A journal of an exchange's commands on a disk: a batch for each sync, as many commands as came since the last one.
 *
 * Written    into memory that is allocated ahead and zeroed, so that a sync need not tell the file system anything new.
 * Failing    One write or sync that fails ends it: what the disk has after that is not known, so it is never tried again.
 * Bounded    by what the commands are answered with, which the server holds until their batch is on the disk (R5.6).
 */
import type { CommandJournal, Engine, JournalFigures } from '@switchyard/protocols/exchange'
import { endsDay, recordOf } from '@switchyard/protocols/exchange'
import { Folder, JournalError, wordsOf } from './folder.ts'
import type { JournalFile } from './folder.ts'
import { BatchWriter, encodeHeader, HEADER_BYTES } from './format.ts'
import { recover } from './recovery.ts'
import type { Progress, Recovered } from './recovery.ts'

export interface JournalOptions {
  /** Default: nobody is told. */
  readonly onProgress?: (progress: Progress) => void
  /** How files are opened: for tests. */
  readonly open?: (path: string, flags: string) => Promise<JournalFile>
  /** By how much a file grows at a time, bytes. Default: 8 MiB. */
  readonly aheadBytes?: number
}

/** What a journal has done since it was opened, and the day that it is at. */
export interface JournalStatistics extends JournalFigures {
  readonly day: number
}

/** A file grows when less than half of that is left. */
const AHEAD_BYTES = 8 * 1024 * 1024
/** Recoveries of more commands than that are worth a snapshot. */
const SNAPSHOT_COMMANDS = 100_000

/** Commands of one day that are to be written. */
interface Pending {
  readonly writer: BatchWriter
  /** The header of the day's file, if that is still to be made. */
  readonly begins: { readonly day: number; readonly time: number } | undefined
}

export class FileJournal implements CommandJournal {
  readonly recovered: Recovered
  readonly #folder: Folder
  readonly #engine: Engine
  readonly #aheadBytes: number
  #file: JournalFile
  #day: number
  #batch: number
  /** Where the next batch goes, and up to where the file is zeroed. */
  #end: number
  #zeroed: number
  #zeroing: Promise<void> | undefined
  #pending: Pending[] = [{ writer: new BatchWriter(), begins: undefined }]
  /** A writer that is not in use. */
  #spare = new BatchWriter()
  #failed: JournalError | undefined
  readonly #done = { commands: 0, syncs: 0, bytes: 0, syncMs: 0, longestSyncMs: 0 }

  private constructor(folder: Folder, engine: Engine, recovered: Recovered, file: JournalFile, aheadBytes: number) {
    this.#aheadBytes = aheadBytes
    this.#folder = folder
    this.#engine = engine
    this.recovered = recovered
    this.#file = file
    this.#day = engine.session
    this.#batch = recovered.batch
    this.#end = this.#zeroed = Math.max(HEADER_BYTES, recovered.end)
  }

  /** Brings `engine`, which is new, to where the journal in `path` ends; makes one where there is none. Throws JournalError. */
  static async open(
    path: string,
    engine: Engine,
    { onProgress, open, aheadBytes = AHEAD_BYTES }: JournalOptions = {},
  ): Promise<FileJournal> {
    const folder = await Folder.take(path, open)
    try {
      const recovered = await recover(folder, engine, onProgress)
      if (recovered.day !== engine.session) {
        // There is no journal, or its last command was the end of a day.
        const file = await begin(folder, { day: engine.session, time: engine.time })
        return new FileJournal(folder, engine, { ...recovered, batch: 0, end: 0 }, file, aheadBytes)
      }
      const file = await folder.openForWriting(recovered.day)
      await file.truncate(recovered.end)
      await file.sync()
      const journal = new FileJournal(folder, engine, recovered, file, aheadBytes)
      if (recovered.commands > SNAPSHOT_COMMANDS) await journal.#snapshot()
      return journal
    } catch (error) {
      folder.release()
      throw inWords(error, path)
    }
  }

  get statistics(): JournalStatistics {
    return { day: this.#day, ...this.#done }
  }

  append(record: Uint8Array): void {
    this.#pending.at(-1)?.writer.append(record)
    this.#done.commands++
    if (endsDay(record)) {
      const { time } = recordOf(record)
      this.#pending.push({ writer: new BatchWriter(), begins: { day: this.#engine.session, time } })
    }
  }

  sync(): Promise<void> | undefined {
    if (this.#failed) return Promise.reject(this.#failed)
    const pending = this.#pending
    if (pending.length === 1 && pending[0]?.writer.isEmpty) return undefined
    this.#spare.clear()
    this.#pending = [{ writer: this.#spare, begins: undefined }]
    return this.#write(pending)
  }

  /** Writes what is left, then a snapshot, so that the next start need not replay. Throws JournalError. */
  async close(): Promise<void> {
    try {
      await this.sync()
      await this.#zeroing
      if (this.#batch > 0) await this.#snapshot()
      await this.#file.close()
    } catch (error) {
      throw inWords(error, this.#folder.path)
    } finally {
      this.#folder.release()
    }
  }

  async #write(pending: readonly Pending[]): Promise<void> {
    const began = performance.now()
    try {
      for (const { writer, begins } of pending) {
        if (begins) await this.#beginDay(begins)
        if (!writer.isEmpty) await this.#writeBatch(writer.finish(this.#batch + 1))
        this.#spare = writer
      }
    } catch (error) {
      this.#failed = inWords(error, this.#folder.path)
      throw this.#failed
    }
    const ms = performance.now() - began
    this.#done.syncs++
    this.#done.syncMs += ms
    this.#done.longestSyncMs = Math.max(this.#done.longestSyncMs, ms)
    this.#zeroAhead()
  }

  async #writeBatch(bytes: Uint8Array): Promise<void> {
    if (this.#end + bytes.length > this.#zeroed) await this.#zeroing // Else its zeros could come behind the batch.
    await writeAll(this.#file, bytes, this.#end)
    await this.#file.datasync()
    this.#end += bytes.length
    this.#zeroed = Math.max(this.#zeroed, this.#end)
    this.#batch++
    this.#done.bytes += bytes.length
  }

  async #beginDay(begins: NonNullable<Pending['begins']>): Promise<void> {
    await this.#zeroing
    await this.#file.close()
    this.#file = await begin(this.#folder, begins)
    this.#day = begins.day
    this.#batch = 0
    this.#end = this.#zeroed = HEADER_BYTES
  }

  /** Behind a sync, so that the next ones find room. */
  #zeroAhead(): void {
    if (this.#zeroing || this.#zeroed - this.#end > this.#aheadBytes / 2) return
    const file = this.#file
    const from = this.#zeroed
    this.#zeroing = writeAll(file, Buffer.alloc(this.#aheadBytes), from).then(
      () => {
        this.#zeroing = undefined
        if (file === this.#file) this.#zeroed = Math.max(this.#zeroed, from + this.#aheadBytes)
      },
      () => {
        this.#zeroing = undefined // The write of a batch finds out, when it needs the room.
      },
    )
  }

  #snapshot(): Promise<void> {
    return this.#folder.writeSnapshot({ day: this.#day, batch: this.#batch }, this.#engine.snapshot())
  }
}

/** Brings `engine`, which is new, to where the journal in `path` ends, and leaves the files as they are. Throws JournalError. */
export function readJournal(
  path: string,
  engine: Engine,
  { onProgress }: Pick<JournalOptions, 'onProgress'> = {},
): Promise<Recovered> {
  return recover(new Folder(path), engine, onProgress)
}

async function begin(folder: Folder, header: { readonly day: number; readonly time: number }): Promise<JournalFile> {
  const file = await folder.create(header.day)
  await writeAll(file, encodeHeader(header), 0)
  await file.sync()
  await folder.sync()
  return file
}

async function writeAll(file: JournalFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

function inWords(error: unknown, path: string): JournalError {
  if (error instanceof JournalError) return error
  const message = `The journal in ${path} can't be written: ${wordsOf(error)}. What was answered is on the disk; nothing else was answered.`
  return new JournalError(message, { cause: error })
}
