import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { ManualClock } from '../src/clock.ts'
import { WriteDeadline } from '../src/connection/write-deadline.ts'
import { limitsOf } from '../src/limits.ts'
import { KernelQueues } from '../src/tcp/kernel-queues.ts'
import { listen, portOf } from '../src/tcp/listen.ts'
import { ticks } from './support.ts'

const socket = new PassThrough()

const PART_MS = 1_000 / 8

/** Runs a deadline of 1,000 ms, with a look after each eighth. Answers when it expired; undefined: not yet. */
async function expiryWith(looks: readonly (number | undefined)[]): Promise<number | undefined> {
  const clock = new ManualClock()
  const left = [...looks]
  let expiredAt: number | undefined
  const untaken = async (): Promise<number | undefined> => left.shift()
  const deadline = new WriteDeadline(socket, { clock, limits: limitsOf({ writeDeadlineMs: 1_000 }), untaken }, () => {
    expiredAt = clock.now()
  })
  deadline.start()
  for (const _ of looks) {
    clock.advance(PART_MS)
    await ticks()
  }
  deadline.stop()
  expect(clock.pending).toBe(0)
  return expiredAt
}

const looks = (count: number, of: (i: number) => number | undefined): (number | undefined)[] =>
  Array.from({ length: count }, (_, i) => of(i))

test.each<[string, readonly (number | undefined)[], number | undefined]>([
  ['a client that takes nothing is ended at the deadline', looks(20, () => 900), 1_000],
  ['so is one of which the system says nothing', looks(20, () => undefined), 1_000],
  ['one that takes a little in every part goes on', looks(100, (i) => 900 - i), undefined],
  ['one that takes a little every sixth part goes on', looks(100, (i) => 900 - Math.floor(i / 6)), undefined],
  ['it has the whole deadline from when it was last seen to take something', looks(30, (i) => (i < 4 ? 9 : 8)), 1_625],
])('%s', async (_, seen, expiredAt) => {
  expect(await expiryWith(seen)).toBe(expiredAt)
})

test('it expires on time, though no look has come back', () => {
  const clock = new ManualClock()
  let expiredAt: number | undefined
  const untaken = (): Promise<number> => new Promise(() => {})
  const deadline = new WriteDeadline(socket, { clock, limits: limitsOf({ writeDeadlineMs: 1_000 }), untaken }, () => {
    expiredAt = clock.now()
  })
  deadline.start()
  clock.advance(5_000)
  expect({ expiredAt, pending: clock.pending }).toEqual({ expiredAt: 1_000, pending: 0 })
})

test('a look of one write that comes back late says nothing of the next', async () => {
  const clock = new ManualClock()
  const answers: ((bytes: number) => void)[] = []
  const untaken = (): Promise<number> => new Promise((resolve) => answers.push(resolve))
  let expiredAt: number | undefined
  const deadline = new WriteDeadline(socket, { clock, limits: limitsOf({ writeDeadlineMs: 1_000 }), untaken }, () => {
    expiredAt = clock.now()
  })
  deadline.start()
  clock.advance(PART_MS)
  answers[0]?.(900)
  await ticks()
  clock.advance(PART_MS)
  deadline.stop()
  deadline.start()
  answers[1]?.(100)
  await ticks()
  clock.advance(1_000)
  expect(expiredAt).toBe(2 * PART_MS + 1_000)
})

test.skipIf(process.platform !== 'linux')(
  'R5.3 "Accepting some is progress": the kernel tells what a client takes long before it accepts more (Linux)',
  async () => {
    await using server = await listen()
    const accepting = once(server, 'connection')
    const client = connect({ port: portOf(server), host: '127.0.0.1' })
    const [accepted]: Socket[] = await accepting
    if (!accepted) throw new Error('no connection')
    let acceptedMore = false
    accepted.on('error', () => {}).write(Buffer.alloc(16 * 1024 * 1024), () => (acceptedMore = true))
    // A new one for each look, since one remembers what it saw. At rest, the kernel has as much as it takes.
    const look = (): Promise<number | undefined> => new KernelQueues().untaken(accepted)
    let [before, now] = [await look(), await look()]
    while (now !== before || now === 0) [before, now] = [now, await look()]
    client.read(0)
    await once(client, 'readable')
    client.read(256 * 1024)
    while (now === before) now = await look()
    expect(now).toBeLessThan(before ?? 0)
    expect(acceptedMore).toBe(false)
    client.destroy()
    accepted.destroy()
  },
)
