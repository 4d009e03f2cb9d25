/** Several machines, from outside: books, plans, and what is said where there is no broker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { areAllSound } from '../src/commands/nemesis.ts'
import { Book } from '../src/nemesis/books.ts'
import { IdsFile, usualIdsFile } from '../src/operating/ids-file.ts'
import { switchyard } from './switchyard.ts'

afterEach(() => void vi.unstubAllEnvs())

/** In a folder of its own, which goes with the test. */
function path(...parts: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-ids-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, ...parts)
}

describe('books', () => {
  it('tell what is twice, out of order, strange or missing', () => {
    const book = new Book(1, 2, 'run')
    for (let count = 0; count < 6; count++) book.next()
    for (const body of ['run 0', 'run 0', 'run 3', 'run 1', 'other 4', 'run 9']) book.hear(body)
    expect(book).toMatchObject({ arrived: 2, duplicates: 1, reordered: 1, strangers: 2, missing: 4, unreported: 4 })
    book.reported = 5
    expect(book).toMatchObject({ unreported: 0, inDoubt: 1, sound: false })
  })
})

describe('patterns', () => {
  const { signal } = new AbortController()

  it('are judged behind one that is not sound, which the verdict does not forget', async () => {
    const judged: string[] = []
    const judge = async (name: string): Promise<boolean> => judged.push(name) > 1
    expect(await areAllSound(['one', 'two', 'three'], judge, signal)).toBe(false)
    expect(judged).toEqual(['one', 'two', 'three'])
  })

  it('are sound if all are, and none is judged behind an interruption', async () => {
    expect(await areAllSound(['one', 'two'], async () => true, signal)).toBe(true)
    const judged: string[] = []
    const judge = async (name: string): Promise<boolean> => judged.push(name) > 0
    await areAllSound(['one', 'two'], judge, AbortSignal.abort())
    expect(judged).toEqual(['one'])
  })
})

describe('a file of ids', () => {
  it('remembers the highest number, in a folder that there was not', () => {
    const file = new IdsFile(path('made', 'ids'))
    expect(file.read()).toBe(0)
    for (const id of [7, 9, 8]) file.write(id)
    expect(new IdsFile(file.path).read()).toBe(9)
  })

  it.each(['', 'ids', '-1', '1.5'])('with %j in it is refused', (content) => {
    const file = new IdsFile(path('ids'))
    writeFileSync(file.path, content)
    expect(() => file.read()).toThrow('has no number in it')
    expect(() => file.write(1)).toThrow('has no number in it')
  })

  it('is in the folder for state of the user, one for each node of each cluster', () => {
    vi.stubEnv('XDG_STATE_HOME', '/state')
    expect(usualIdsFile('east', 2)).toBe('/state/switchyard/ids-of-east-2')
  })
})

describe('commands', () => {
  it('nemesis says what a seed is', async () => {
    const plan = ['nemesis', '--seed', '17', '--plan'] as const
    const { code, stdout } = await switchyard(...plan)
    expect([code, stdout.trim()]).toEqual([0, (await switchyard(...plan)).stdout.trim()])
    expect(stdout).toMatch(/^\d+ ms later [a-z-]+ \d/)
  })

  it.each([
    [['nemesis', '--only', 'rain'], 3, '--only has "rain": there are kill-broker'],
    [['serve', 'reactor', '--nats', 'nats://127.0.0.1:1'], 3, '--nats needs --node'],
    [
      ['serve', 'reactor', '--nats', 'nats://127.0.0.1:1', '--node', '3', '--protocol', 'chat'],
      3,
      '--nats joins routers',
    ],
    [['serve', 'reactor', '--nats', 'nats://127.0.0.1:1', '--node', '3'], 1, 'Start one with: nats-server -p 1'],
    [['nodes', '--nats', 'nats://127.0.0.1:1'], 1, 'no broker is reached at nats://127.0.0.1:1'],
  ])('%j is told what is wrong', async (args, exit, says) => {
    const { code, stderr } = await switchyard(...args)
    expect(stderr).toContain(says)
    expect(code).toBe(exit)
  })
})
