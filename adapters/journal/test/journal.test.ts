/** What a journal on a disk keeps, whatever happens to the process, and what it says of a disk that keeps nothing. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Engine } from '@switchyard/protocols/exchange'
import { DEMO } from '@switchyard/protocols/exchange/suite'
import { afterAll, describe, expect, test } from 'vitest'
import { FileJournal } from '../src/index.ts'
import type { JournalFile } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'switchyard-journal-'))
afterAll(async () => {
  for (const folder of files.keys()) await die(folder)
  rmSync(root, { recursive: true, force: true })
})
let folders = 0
const newFolder = (): string => join(root, String(++folders))
const OPTIONS = { ...DEMO, book: { ordersMax: 1000, levelsMax: 100 }, ordersMax: 1000 }
const newEngine = (): Engine => new Engine(OPTIONS)

/** An exchange's engine and its journal, and commands by number: each number is another one. */
class Kept {
  readonly engine: Engine
  readonly journal: FileJournal

  private constructor(journal: FileJournal, engine: Engine) {
    this.journal = journal
    this.engine = engine
  }

  static async open(
    folder: string,
    openFile: (path: string, flags: string) => Promise<JournalFile> = openKnown,
  ): Promise<Kept> {
    const engine = newEngine()
    return new Kept(await FileJournal.open(folder, engine, { open: openFile, aheadBytes: 4096 }), engine)
  }

  /** Enters the orders of these numbers, in one batch. */
  async enter(...numbers: readonly number[]): Promise<void> {
    for (const number of numbers) {
      const record = entry(number)
      this.engine.replay(record)
      this.journal.append(record)
    }
    await this.journal.sync()
  }

  async endDay(): Promise<void> {
    const record = recordOf('', 'Z', 9000)
    this.engine.replay(record)
    this.journal.append(record)
    await this.journal.sync()
  }

  get state(): string {
    return Buffer.from(this.engine.snapshot()).toString('hex')
  }
}

const files = new Map<string, FileHandle[]>()

async function openKnown(path: string, flags: string): Promise<FileHandle> {
  const file = await open(path, flags)
  const folder = dirname(path)
  files.set(folder, [...(files.get(folder) ?? []), file])
  return file
}

/** Dies as a process does: nothing is written behind that, and its files are closed. */
async function die(folder: string): Promise<void> {
  rmSync(join(folder, 'lock'), { force: true })
  for (const file of files.get(folder) ?? []) await file.close()
  files.delete(folder)
}

function recordOf(name: string, command: string | Uint8Array, time: number): Uint8Array {
  const head = Buffer.alloc(14, ' ')
  head.writeDoubleBE(time)
  head.write(name, 8, 'latin1')
  return Buffer.concat([head, Buffer.from(command)])
}

function entry(number: number): Uint8Array {
  const command = Buffer.alloc(49)
  command.write(`Ot${number}`.padEnd(15) + (number % 2 === 0 ? 'B' : 'S'), 'latin1')
  command.writeUInt32BE(10 + (number % 7), 16)
  command.write('SWYD    ', 20, 'latin1')
  command.writeUInt32BE(1000 + ((number * 7) % 5), 28)
  command.writeUInt32BE(99_998, 32)
  command.write('FIRMYPN', 36, 'latin1')
  command.write('NR', 47, 'latin1')
  return recordOf(number % 3 === 0 ? 'ANN' : 'BOB', command, 1000 + number)
}

const dayFile = (folder: string, day = 1): string => join(folder, `day-00000${day}.journal`)

test('what was synced is there again, and goes on', async () => {
  const folder = newFolder()
  const first = await Kept.open(folder)
  expect(first.journal.sync()).toBeUndefined()
  await first.enter(1, 2, 3)
  await first.enter(4)
  await die(folder)
  const second = await Kept.open(folder)
  expect(second.state).toBe(first.state)
  expect(second.journal.recovered).toMatchObject({ day: 1, batch: 2, commands: 4, tornBytes: 0 })
  await second.enter(5)
  await die(folder)
  expect((await Kept.open(folder)).state).toBe(second.state)
})

test('cut at each of its last 200 bytes, it has every whole batch', async () => {
  const folder = newFolder()
  const kept = await Kept.open(folder)
  const states: string[] = [kept.state]
  for (let number = 1; number <= 6; number++) {
    await kept.enter(number)
    states.push(kept.state)
  }
  await kept.journal.close()
  const whole = readFileSync(dayFile(folder))
  let end = whole.length
  while (whole[end - 1] === 0) end--
  for (let cut = 1; cut <= 200; cut++) {
    const copy = newFolder()
    mkdirSync(copy)
    copyFileSync(dayFile(folder), dayFile(copy))
    truncateSync(dayFile(copy), end - cut)
    const again = await Kept.open(copy)
    expect(states[again.journal.recovered.batch]).toBe(again.state)
    expect(again.journal.recovered.batch).toBeGreaterThanOrEqual(2)
    await again.enter(7)
    await die(copy)
    expect((await Kept.open(copy)).state).toBe(again.state)
  }
})

describe('is refused, in words:', () => {
  async function damaged(damage: (bytes: Buffer) => void): Promise<Promise<Kept>> {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    for (let number = 1; number <= 4; number++) await kept.enter(number)
    await die(folder)
    const bytes = readFileSync(dayFile(folder))
    damage(bytes)
    writeFileSync(dayFile(folder), bytes)
    return Promise.resolve(Kept.open(folder))
  }

  test.each([
    ['a bit in the middle', 20 + 12 + 30],
    ['the length of a batch', 20],
    ['the number of a batch', 20 + 11],
  ])('%s', async (_, at) => {
    const opened = damaged((bytes) => (bytes[at] = (bytes[at] ?? 0) ^ 1))
    await expect(opened).rejects.toThrow(/is damaged: batch 1 can't be read, and batch 2 is behind it/)
  })

  test.each([
    ['another version', (bytes: Buffer) => void bytes.write('SWJ9'), /is of version SWJ9, and this program reads SWJ1/],
    ['another file', (bytes: Buffer) => void bytes.write('hello'), /has a header that is damaged/],
  ])('%s', async (_, damage, words) => {
    await expect(damaged(damage)).rejects.toThrow(words)
  })

  test('a second process', async () => {
    const folder = newFolder()
    await Kept.open(folder)
    writeFileSync(join(folder, 'lock'), String(process.ppid))
    await expect(Kept.open(folder)).rejects.toThrow(`belongs to process ${process.ppid}, which runs`)
    writeFileSync(join(folder, 'lock'), '999999999')
    await Kept.open(folder)
  })

  test('a journal of accounts that are not there', async () => {
    const folder = newFolder()
    await (await Kept.open(folder)).enter(1)
    await die(folder)
    const engine = new Engine({ ...OPTIONS, accounts: [{ name: 'ANN' }] })
    await expect(FileJournal.open(folder, engine)).rejects.toThrow('has commands of the account "BOB", which does not')
  })
})

describe('a disk that fails:', () => {
  /** A disk of which one operation fails from the given call on. */
  function failing(operation: 'write' | 'datasync', from: number, code: string) {
    let calls = 0
    const unlessFailed = <T>(which: typeof operation, run: () => Promise<T>): Promise<T> =>
      which === operation && ++calls >= from ? Promise.reject(Object.assign(new Error(which), { code })) : run()
    return async (path: string, flags: string): Promise<JournalFile> => {
      const file = await openKnown(path, flags)
      return {
        write: (bytes, offset, length, position) =>
          unlessFailed('write', () => file.write(bytes, offset, length, position)),
        datasync: () => unlessFailed('datasync', () => file.datasync()),
        sync: () => file.sync(),
        truncate: (length) => file.truncate(length),
        close: () => file.close(),
      }
    }
  }

  test.each([
    ['write', 4, 'ENOSPC', 'no space is left on the disk (ENOSPC)'],
    ['datasync', 3, 'EIO', 'the disk does not answer (EIO)'],
  ] as const)('%s', async (operation, from, code, words) => {
    const folder = newFolder()
    const kept = await Kept.open(folder, failing(operation, from, code))
    let [acknowledged, failed] = [kept.state, false]
    for (let number = 1; number <= 6; number++) {
      const entered = await kept.enter(number).then(
        () => true,
        (error: unknown) => {
          expect(String(error)).toContain(`can't be written: ${words}. What was answered is on the disk`)
          failed = true
          return false
        },
      )
      if (entered) acknowledged = kept.state
      else expect(failed).toBe(true)
      expect(entered).toBe(!failed)
    }
    expect(failed).toBe(true)
    await expect(kept.journal.sync()).rejects.toThrow(words) // It is never tried again.
    await die(folder)
    const again = await Kept.open(folder)
    // What was not answered may have come through all the same, never the other way round.
    const [told, kept2] = [countOf(acknowledged), again.engine.totals.orders]
    expect(kept2).toBeGreaterThanOrEqual(told)
    if (kept2 === told) expect(again.state).toBe(acknowledged)
  })

  /** Orders in a snapshot: asked of an engine, since a test should not read its bytes. */
  function countOf(state: string): number {
    const engine = newEngine()
    engine.restore(Buffer.from(state, 'hex'))
    return engine.totals.orders
  }
})

describe('days', () => {
  test('each is a file, and begins with nothing', async () => {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    await kept.enter(1, 2)
    await kept.endDay()
    await kept.enter(3)
    await die(folder)
    const again = await Kept.open(folder)
    expect(again.state).toBe(kept.state)
    expect(again.journal.recovered).toMatchObject({ day: 2, batch: 1, commands: 1 })
    expect(readdirSync(folder).filter((name) => name.endsWith('.journal'))).toEqual([
      'day-000001.journal',
      'day-000002.journal',
    ])
  })

  test.each([0, 7, 19])('a crash while the file of a day is made: %i bytes of its header are there', async (bytes) => {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    await kept.enter(1, 2)
    await kept.endDay()
    await die(folder)
    truncateSync(dayFile(folder, 2), bytes)
    const again = await Kept.open(folder)
    expect(again.state).toBe(kept.state)
    await again.enter(3)
    await die(folder)
    expect((await Kept.open(folder)).journal.recovered).toMatchObject({ day: 2, batch: 1, commands: 1 })
  })
})

describe('snapshots', () => {
  test('one is written at the end, and spares the next start what it has', async () => {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    await kept.enter(1, 2)
    await kept.enter(3)
    await kept.journal.close()
    const second = await Kept.open(folder)
    expect(second.journal.recovered).toMatchObject({ batch: 2, commands: 0, snapshot: 2 })
    expect(second.state).toBe(kept.state)
    await second.enter(4)
    await die(folder)
    const third = await Kept.open(folder)
    expect(third.journal.recovered).toMatchObject({ batch: 3, commands: 1, snapshot: 2 })
    expect(third.state).toBe(second.state)
  })

  test('one that is damaged is passed over', async () => {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    await kept.enter(1, 2)
    await kept.journal.close()
    const [snapshot = ''] = readdirSync(folder).filter((name) => name.endsWith('.snapshot'))
    const bytes = readFileSync(join(folder, snapshot))
    bytes[30] = (bytes[30] ?? 0) ^ 1
    writeFileSync(join(folder, snapshot), bytes)
    const again = await Kept.open(folder)
    expect(again.journal.recovered).toMatchObject({ commands: 2, snapshot: 0 })
    expect(again.state).toBe(kept.state)
  })

  test('one that is ahead of its journal is not believed', async () => {
    const folder = newFolder()
    const kept = await Kept.open(folder)
    await kept.enter(1)
    await kept.enter(2)
    await kept.journal.close()
    const bytes = readFileSync(dayFile(folder))
    let end = bytes.length
    while (bytes[end - 1] === 0) end--
    truncateSync(dayFile(folder), end - 1)
    await expect(Kept.open(folder)).rejects.toThrow('ends at batch 1, and its snapshot has batch 2')
  })
})
