import { describe, expect, test } from 'vitest'
import { explore, renderLog, ScheduleChoices } from '../src/index.ts'
import type { Exploration, ExploreOptions, Mode, Progress } from '../src/index.ts'
import { relay, send, starting, TicketChecker, tickets, toySpeech, worldOf } from './toys.ts'
import type { ToySay } from './toys.ts'

const start = starting(tickets, () => new TicketChecker())
const two = worldOf([[send(0, 'a')], [send(1, 'b')]], { prologue: true })
const random: Mode = { kind: 'random', from: 1, to: 300 }

function exploring(more: Partial<ExploreOptions<ToySay>> = {}): Promise<Exploration<ToySay>> {
  return explore({ start, world: two, mode: random, ...more })
}

describe('exploring', () => {
  test.each<Mode>([random, { kind: 'pct', from: 1, to: 300, changes: 2, lengthEstimate: 10 }, { kind: 'exhaustive' }])(
    '$kind: finds the ticket that is given twice, and what it found is replayed by its schedule',
    async (mode) => {
      const { failures, complete, explored, events } = await exploring({ mode })
      expect([failures.length, complete]).toEqual([1, false])
      expect(explored).toBeGreaterThan(0)
      expect(events).toBeGreaterThan(explored)
      for (const { violation, world, schedule, outcome } of failures) {
        expect(violation.clause).toBe('T1')
        const again = await start(world, new ScheduleChoices(schedule)).run()
        expect(renderLog(again, toySpeech)).toBe(renderLog(outcome, toySpeech))
      }
    },
  )

  test.each<Exclude<Mode, { kind: 'exhaustive' }>>([random, { kind: 'pct', from: 1, to: 300, changes: 2 }])(
    '$kind: a seed finds by itself what it found in a row',
    async (mode) => {
      const { failures } = await exploring({ mode, failuresMax: 3 })
      expect(failures.length).toBe(3)
      for (const { seed = 0, schedule } of failures) {
        const alone = await exploring({ mode: { ...mode, from: seed, to: seed } })
        expect(alone.failures[0]?.schedule).toEqual(schedule)
      }
    },
  )

  test('worlds can be made for each seed, and the failure has the world that failed', async () => {
    const { failures } = await exploring({
      world: (dice) => worldOf(Array.from({ length: 1 + dice.below(3) }, () => [send(0, '')])),
      failuresMax: 30,
    })
    expect(new Set(failures.map(({ world }) => world.clients.length))).toEqual(new Set([2, 3]))
  })

  test('a server without the flaw: every seed is run and none fails; only exhausting knows that this was all', async () => {
    const correct = starting(relay)
    const seeds = await exploring({ start: correct })
    expect(seeds).toMatchObject({ explored: 300, pruned: 0, complete: false, failures: [] })
    const all = await exploring({ start: correct, mode: { kind: 'exhaustive', splitsMax: 0 } })
    expect(all).toMatchObject({ complete: true, failures: [] })
    expect(all.pruned).toBeGreaterThan(0)
  })

  test.each<Mode>([random, { kind: 'exhaustive' }])('$kind: stops at runsMax, and when told to', async (mode) => {
    const correct = starting(relay)
    const seen: Progress[] = []
    const limited = await exploring({ start: correct, mode, runsMax: 7, progress: (now) => seen.push(now) })
    expect([limited.complete, seen.length]).toEqual([false, 7])
    expect(seen.at(-1)).toEqual({ explored: limited.explored, pruned: limited.pruned, events: limited.events })
    const stop = new AbortController()
    const progress = (): void => stop.abort()
    const stopped = await exploring({ start: correct, mode, signal: stop.signal, progress })
    expect([stopped.complete, stopped.explored]).toEqual([false, 1])
  })
})
