import type { Random } from '@switchyard/core'
import { describe, expect, test } from 'vitest'
import { encodeRun, explore, ScheduleChoices, shrink } from '../src/index.ts'
import type { Failure, Move, Schedule, Shrunk, Start, World } from '../src/index.ts'
import { send, starting, TicketChecker, tickets, toySpeech, worldOf } from './toys.ts'
import type { ToySay } from './toys.ts'

const start = starting(tickets, () => new TicketChecker())

/** Two to five clients with up to four messages each. */
function anyWorld(random: Random): World<ToySay> {
  const count = 2 + random.below(4)
  const message = (): Move<ToySay> => send(random.below(count), 'abcdefgh'.slice(random.below(8)))
  const clients = Array.from({ length: count }, () => Array.from({ length: random.below(5) }, message))
  return worldOf(clients, { cuts: 'anywhere', shutdown: random.below(2) === 0, limits: { lingerMs: 500 } })
}

async function failureOf(seed: number): Promise<Failure<ToySay>> {
  const mode = { kind: 'random' as const, from: seed, to: seed + 10_000 }
  const { failures } = await explore({ start, world: anyWorld, mode })
  const [failure] = failures
  if (!failure) throw new Error(`no failure from seed ${seed} on`)
  return failure
}

async function fails(world: World<ToySay>, schedule: Schedule): Promise<boolean> {
  const outcome = await start(world, new ScheduleChoices(schedule)).run()
  return outcome.violation?.clause === 'T1'
}

describe('shrinking', () => {
  test.each([1, 1000, 2000, 3000])(
    'what is found from seed %d on becomes two clients with an empty message each, and one departure',
    async (seed) => {
      const failure = await failureOf(seed)
      // Without the help of chance, which would make up for a schedule that is not followed well into smaller worlds.
      const shrunk = await shrink({ start, speech: toySpeech, ...failure, retries: 0 })
      expect(shrunk.minimal).toBe(true)
      const say: unknown = expect.objectContaining({ kind: 'send', body: new Uint8Array(0) })
      const message: unknown = { kind: 'say', say }
      const buffers = { receiveBytes: 8, sendBytes: 8 }
      expect(shrunk.world).toEqual({ ...worldOf([]), prologue: true, buffers, clients: [[message], [message]] })
      expect(shrunk.schedule.filter((answer) => answer > 0).length).toBe(1)
      expect(encodeRun({ pattern: 'tickets', ...shrunk }, toySpeech).length).toBeLessThan(64)
    },
  )

  test('nothing can be taken away from what is left', async () => {
    const { world, schedule } = await shrink({ start, speech: toySpeech, ...(await failureOf(1)) })
    expect(await fails(world, schedule)).toBe(true)
    for (let i = 0; i < schedule.length; i++) {
      expect(await fails(world, schedule.toSpliced(i, 1))).toBe(false)
      if (schedule[i] !== 0) expect(await fails(world, schedule.with(i, 0))).toBe(false)
    }
    for (const [client, moves] of world.clients.entries()) {
      for (let i = 0; i < moves.length; i++) {
        const fewer = { ...world, clients: world.clients.with(client, moves.toSpliced(i, 1)) }
        // Not with this schedule, nor with any.
        const { failures, complete } = await explore({ start, world: fewer, mode: { kind: 'exhaustive' } })
        expect([failures.length, complete]).toEqual([0, true])
      }
    }
  })

  test('the same failure shrinks to the same line, and what has been found on the way always gets smaller', async () => {
    const failure = await failureOf(1)
    const sizes: number[] = []
    const size = ({ world }: Shrunk<ToySay>): number =>
      world.clients.flat().reduce((bytes, move) => bytes + 100 + (move.kind === 'say' ? move.say.body.length : 0), 0)
    const first = await shrink({ start, speech: toySpeech, ...failure, progress: (shrunk) => sizes.push(size(shrunk)) })
    const second = await shrink({ start, speech: toySpeech, ...failure })
    expect(encodeRun({ pattern: 'tickets', ...first }, toySpeech)).toBe(
      encodeRun({ pattern: 'tickets', ...second }, toySpeech),
    )
    expect(first.runs).toBe(second.runs)
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    expect(sizes.length).toBeGreaterThan(10)
  })

  test('it stops at runsMax with what it has', async () => {
    const failure = await failureOf(1)
    let runs = 0
    const counting: Start<ToySay> = (world, choices) => {
      runs++
      return start(world, choices)
    }
    const shrunk = await shrink({ speech: toySpeech, start: counting, ...failure, runsMax: 40 })
    expect([runs, shrunk.runs, shrunk.minimal]).toEqual([40, 40, false])
    expect(await fails(shrunk.world, shrunk.schedule)).toBe(true)
  })

  test('it stops when it is told to, with what it has', async () => {
    const failure = await failureOf(1)
    const enough = new AbortController()
    let found = 0
    const progress = (): void => void (++found === 3 && enough.abort())
    const shrunk = await shrink({ speech: toySpeech, start, ...failure, signal: enough.signal, progress })
    expect([found, shrunk.minimal]).toEqual([3, false])
    expect(await fails(shrunk.world, shrunk.schedule)).toBe(true)
  })

  test('what fails in another way is not the same failure', async () => {
    const { world, schedule } = await failureOf(1)
    const other: Start<ToySay> = (given, choices) =>
      starting(tickets, () => {
        const checker = new TicketChecker()
        // T2: no run has fewer than four moves to make.
        const few = given.clients.flat().length < 4 ? { clause: 'T2', message: 'too few moves' } : undefined
        return { after: (event) => few ?? checker.after(event), end: () => undefined }
      })(given, choices)
    const shrunk = await shrink({ speech: toySpeech, start: other, world, schedule })
    expect(shrunk.violation.clause).toBe('T1')
    expect(shrunk.world.clients.flat().length).toBe(4)
    const any = await shrink({ speech: toySpeech, start: other, world, schedule, same: () => true })
    expect(any.violation.clause).toBe('T2')
    expect(any.world.clients.flat().length).toBe(0)
  })

  test('a client goes with what was sent to it, and those behind it move up', async () => {
    const world = worldOf([[send(2, 'x')], [send(1, 'y'), send(3, 'u')], [send(2, 'z')], [send(0, 'w')]])
    const worlds: string[] = []
    const failing: Start<ToySay> = (given, choices) => {
      const line = encodeRun({ pattern: 'any', world: given, schedule: [] }, toySpeech)
      worlds.push(line.split(':')[4] ?? '')
      return starting(tickets, () => ({ after: () => undefined, end: () => ({ clause: 'T3', message: '' }) }))(
        given,
        choices,
      )
    }
    await shrink({ speech: toySpeech, start: failing, world, schedule: [], runsMax: 2 })
    // The last client first.
    expect(worlds).toEqual(['2.eA/1.eQ,3.dQ/2.eg/0.dw', '2.eA/1.eQ/2.eg'])
    const without = worldOf([[], [], [send(0, 'w')]])
    expect(encodeRun({ pattern: 'any', world: without, schedule: [] }, toySpeech)).toContain('//0.dw')
  })

  test('a run that does not fail is refused', async () => {
    await expect(shrink({ start, speech: toySpeech, world: worldOf([[]]), schedule: [] })).rejects.toThrow(TypeError)
  })
})
