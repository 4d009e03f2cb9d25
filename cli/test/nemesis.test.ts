/** Several machines, from outside: books, plans, and what is said where there is no broker. */
import { describe, expect, it } from 'vitest'
import { Book } from '../src/nemesis/books.ts'
import { switchyard } from './switchyard.ts'

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
