/** The files of a journal in one folder, and the lock that keeps a second process out of it. */
import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

const LOCK = 'lock'
const DAY_FILE = /^day-(\d{6})\.journal$/
const SNAPSHOT_FILE = /^day-(\d{6})-(\d{9})\.snapshot$/
const SNAPSHOT_HEADER_BYTES = 8
const SNAPSHOT_VERSION = 'SWS1'

/** What a journal does with a file. Tests stand in for a disk that fails. */
export interface JournalFile {
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>
  datasync(): Promise<void>
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** What went wrong with a journal, in words for whoever runs it. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

export interface SnapshotName {
  readonly day: number
  /** The last batch that it has in it. */
  readonly batch: number
}

export class Folder {
  readonly path: string
  readonly #open: (path: string, flags: string) => Promise<JournalFile>

  /** A folder that is only read. */
  constructor(path: string, openFile: (path: string, flags: string) => Promise<JournalFile> = open) {
    this.path = path
    this.#open = openFile
  }

  /** Makes the folder if there is none, and takes its lock. Throws JournalError. */
  static async take(
    path: string,
    openFile: (path: string, flags: string) => Promise<JournalFile> = open,
  ): Promise<Folder> {
    try {
      await mkdir(path, { recursive: true })
      lock(join(path, LOCK))
    } catch (error) {
      if (error instanceof JournalError) throw error
      throw new JournalError(`The journal's folder ${path} can't be used: ${wordsOf(error)}.`, { cause: error })
    }
    return new Folder(path, openFile)
  }

  release(): void {
    rmSync(join(this.path, LOCK), { force: true })
  }

  dayFile(day: number): string {
    return join(this.path, `day-${String(day).padStart(6, '0')}.journal`)
  }

  /** Days that have a file, the latest last. */
  async days(): Promise<number[]> {
    const names = await readdir(this.path)
    return names.flatMap((name) => DAY_FILE.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b)
  }

  openForWriting(day: number): Promise<JournalFile> {
    return this.#open(this.dayFile(day), 'r+')
  }

  create(day: number): Promise<JournalFile> {
    return this.#open(this.dayFile(day), 'w')
  }

  /** So that a file that was made or renamed is there after a crash, too. */
  async sync(): Promise<void> {
    const folder = await open(this.path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  /** The latest snapshot of a day that is whole. */
  async snapshotOf(day: number): Promise<(SnapshotName & { readonly bytes: Uint8Array }) | undefined> {
    for (const name of (await this.#snapshots()).filter((each) => each.day === day).toReversed()) {
      const bytes = readFileSync(this.#snapshotFile(name))
      const whole = bytes.length > SNAPSHOT_HEADER_BYTES && bytes.toString('latin1', 0, 4) === SNAPSHOT_VERSION
      const content = bytes.subarray(SNAPSHOT_HEADER_BYTES)
      if (whole && crc32(content) === bytes.readUInt32BE(4)) return { ...name, bytes: content }
    }
    return undefined
  }

  /** Writes it beside the others, then removes all but this one and the one before. */
  async writeSnapshot(name: SnapshotName, bytes: Uint8Array): Promise<void> {
    const path = this.#snapshotFile(name)
    const header = Buffer.alloc(SNAPSHOT_HEADER_BYTES)
    header.write(SNAPSHOT_VERSION, 'latin1')
    header.writeUInt32BE(crc32(bytes), 4)
    const file = await open(`${path}.part`, 'w')
    try {
      await file.writev([header, bytes])
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.part`, path)
    await this.sync()
    for (const old of (await this.#snapshots()).slice(0, -2)) await rm(this.#snapshotFile(old))
  }

  #snapshotFile({ day, batch }: SnapshotName): string {
    return join(this.path, `day-${String(day).padStart(6, '0')}-${String(batch).padStart(9, '0')}.snapshot`)
  }

  async #snapshots(): Promise<SnapshotName[]> {
    const names = (await readdir(this.path)).sort()
    return names.flatMap((name) => {
      const [, day, batch] = SNAPSHOT_FILE.exec(name) ?? []
      return day === undefined ? [] : [{ day: Number(day), batch: Number(batch) }]
    })
  }
}

/** A file with the process's id, made only if there is none. One that a dead process has left is taken over. */
function lock(path: string): void {
  for (;;) {
    try {
      const file = openSync(path, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const owner = Number(readFileSync(path, 'utf8'))
    if (owner !== process.pid && isRunning(owner)) {
      throw new JournalError(`The journal belongs to process ${owner}, which runs: stop it first (${path}).`)
    }
    rmSync(path, { force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** `no space is left on the disk (ENOSPC)`. */
export function wordsOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  switch (code) {
    case 'ENOSPC':
      return 'no space is left on the disk (ENOSPC)'
    case 'EDQUOT':
      return 'the quota of the disk is used up (EDQUOT)'
    case 'EIO':
      return 'the disk does not answer (EIO)'
    case 'EACCES':
      return 'this user may not (EACCES)'
    case 'EROFS':
      return 'the file system is read-only (EROFS)'
    case undefined:
      return error instanceof Error ? error.message : String(error)
    default:
      return `${error instanceof Error ? error.message : ''} (${code})`
  }
}
