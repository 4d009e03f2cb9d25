import { describe, expect, test } from 'vitest'
import { dependent, Exhaustive, explore, Recording, renderLog, ScheduleChoices } from '../src/index.ts'
import type { Event, ExhaustiveBounds, Exploration, Outcome, Simulation, Start, World } from '../src/index.ts'
import {
  alarm,
  countingSpeech,
  noChecker,
  relay,
  send,
  starting,
  textOf,
  TicketChecker,
  tickets,
  toySpeech,
  worldOf,
} from './toys.ts'
import type { ToySay } from './toys.ts'

interface All extends Exploration<ToySay> {
  /** What distinguishes runs, once each. */
  readonly outcomes: ReadonlySet<string>
  /** What a checker could see of the server and its connections after each event, once each. */
  readonly states: ReadonlySet<string>
  /** Schedules but for the order of independent events, once each. */
  readonly traces: ReadonlySet<string>
}

async function all(start: Start<ToySay>, world: World<ToySay>, bounds: ExhaustiveBounds): Promise<All> {
  const outcomes = new Set<string>()
  const states = new Set<string>()
  const traces = new Set<string>()
  let ended = 0
  const exploration = await explore({
    start: (given, choices) => traced(watched(start(given, choices), states), traces),
    world,
    mode: { kind: 'exhaustive', ...bounds },
    failuresMax: Infinity,
    progress: (_, outcome) => {
      if (!outcome) return
      ended++
      outcomes.add(signature(outcome))
    },
  })
  expect(exploration.explored).toBe(ended)
  return { ...exploration, outcomes, states, traces }
}

/** What only some of all schedules do not show. They cannot show more. */
function leftOut(some: All, every: All): readonly string[] {
  return (['outcomes', 'states', 'traces'] as const).flatMap((kind) =>
    [...every[kind]].filter((one) => !some[kind].has(one)),
  )
}

/** Notes after each step how far every client is, what waits in every buffer, and what the server has counted. */
function watched(simulation: Simulation<ToySay>, states: Set<string>): Simulation<ToySay> {
  const step = simulation.step.bind(simulation)
  simulation.step = async (candidate) => {
    await step(candidate)
    const clients = simulation.clients.map(({ link, nextMove, stalled, end }) =>
      [nextMove, stalled, end, textOf(link.unread()), link.readable, link.pending, link.end, link.arrival].join(),
    )
    const { bytesIn, bytesOut, held } = simulation.server.statistics()
    states.add([...clients, bytesIn, bytesOut, held.total, simulation.clock.turnPending].join(';'))
  }
  return simulation
}

/**
 * Notes what is left of a run when only the order of dependent events counts: Foata's normal form. Each event comes one
 * level above the highest of those before it that it depends on, and within a level there is no order.
 */
function traced(simulation: Simulation<ToySay>, traces: Set<string>): Simulation<ToySay> {
  const step = simulation.step.bind(simulation)
  const levels: string[][] = []
  const happened: { readonly actor: number | undefined; readonly footprint: number; readonly level: number }[] = []
  simulation.step = async (candidate) => {
    await step(candidate)
    const actor = candidate?.actor
    const footprint = simulation.footprint.bits
    const before = happened.filter((event) => event.actor === actor || dependent(event.footprint, footprint))
    const level = 1 + Math.max(-1, ...before.map((event) => event.level))
    happened.push({ actor, footprint, level })
    // The last step of all is no event: then nothing is left to happen.
    const event = simulation.outcome().events[happened.length - 1]
    const splits = simulation.clients.map(({ index, link }) =>
      footprint & (4 << (index * 5)) ? [link.readable, link.pending].join() : '',
    )
    const words = event ? `${inWords(event)} ${splits.join()}` : 'rest'
    ;(levels[level] ??= []).push(`${words} ${footprint}`)
    if (simulation.over) traces.add(levels.map((names) => names.sort().join()).join(';'))
  }
  return simulation
}

/**
 * The order in which the server's code ran, and for each client what it did and saw: no more than causes can tell apart.
 * Of a run that ends with a violation no more than that, since where it ends is a matter of order.
 */
function signature({ events, violation }: Outcome): string {
  if (violation) return violation.clause
  const server = events.filter(({ kind }) => !['move', 'read', 'end'].includes(kind)).map(inWords)
  const clients = [0, 1, 2].map((client) => {
    const own = events.filter((event) => 'client' in event && event.client === client)
    return [own.filter(({ kind }) => kind === 'move'), own.filter(({ kind }) => kind === 'read')].map((some) =>
      some.map(inWords).join(),
    )
  })
  return JSON.stringify([server, clients])
}

function inWords(event: Event): string {
  const detail = 'bytes' in event ? (typeof event.bytes === 'number' ? event.bytes : textOf(event.bytes)) : ''
  return `${event.kind} ${'client' in event ? event.client : ''} ${detail}`
}

const SMALL_BUFFERS = { receiveBytes: 8, sendBytes: 3 }

describe('sleep sets', () => {
  test.each<[string, World<ToySay>, ExhaustiveBounds]>([
    [
      'two clients that send to each other',
      worldOf([[send(1, 'a')], [send(0, 'b')]], { prologue: true }),
      { splitsMax: 0 },
    ],
    ['connecting', worldOf([[send(0, 'a')], []]), { splitsMax: 0 }],
    [
      'one that stalls, and small buffers',
      worldOf([[send(1, 'a')], [{ kind: 'stall' }, { kind: 'resume' }]], { prologue: true, buffers: SMALL_BUFFERS }),
      { splitsMax: 1 },
    ],
    ['one split anywhere', worldOf([[send(1, 'a')], []], { prologue: true, cuts: 'anywhere' }), { splitsMax: 1 }],
    ['any splits', worldOf([[send(0, '')]], { prologue: true, cuts: 'anywhere' }), {}],
    ['a reset', worldOf([[send(1, 'a')], [{ kind: 'reset' }]], { prologue: true }), { splitsMax: 0 }],
    ['a FIN', worldOf([[send(1, 'a')], [{ kind: 'fin' }]], { prologue: true }), { splitsMax: 0 }],
    ['a shutdown', worldOf([[send(0, 'a')]], { prologue: true, shutdown: true }), { splitsMax: 0 }],
    [
      'a shutdown that comes late',
      worldOf([[send(0, 'a')]], { prologue: true, shutdown: true, shutdownAfter: 6 }),
      { splitsMax: 0 },
    ],
  ])('%s: the same outcomes, the same states, and one schedule for each trace', async (_name, world, bounds) => {
    const start = starting(relay)
    const every = await all(start, world, { ...bounds, prune: false })
    const some = await all(start, world, bounds)
    expect([every.complete, some.complete]).toEqual([true, true])
    expect(every.pruned).toBe(0)
    expect(some.pruned).toBeGreaterThan(0)
    expect(some.explored).toBeLessThan(every.explored)
    expect(leftOut(some, every)).toEqual([])
    expect(some.explored).toBe(every.traces.size)
  })

  test('time that passes by itself: nothing is left out', async () => {
    const world = worldOf([[send(0, 'a')]], { timeMs: 5 })
    const every = await all(starting(alarm), world, { splitsMax: 0, prune: false })
    const some = await all(starting(alarm), world, { splitsMax: 0 })
    expect([every.complete, some.complete]).toEqual([true, true])
    expect(some.explored).toBeLessThan(every.explored)
    expect(leftOut(some, every)).toEqual([])
  })

  test('a segment whose split decides whether anything is written to one that reads: nothing is left out', async () => {
    const world = worldOf([[send(1, '')], [send(1, '')]], { prologue: true, cuts: 'anywhere' })
    const every = await all(starting(relay), world, { splitsMax: 1, prune: false })
    const some = await all(starting(relay), world, { splitsMax: 1 })
    expect(leftOut(some, every)).toEqual([])
    // An event sleeps with all of its splits or with none: what one of them touches wakes up all. That costs four runs.
    expect(some.explored).toBe(every.traces.size + 4)
  })

  test('what is said depends on what another client has read: nothing is left out', async () => {
    const world = worldOf([[send(1, ''), send(1, '')], [send(1, '')]], { prologue: true })
    const start = starting(relay, () => noChecker, countingSpeech)
    const every = await all(start, world, { splitsMax: 0, prune: false })
    const some = await all(start, world, { splitsMax: 0 })
    expect(leftOut(some, every)).toEqual([])
    expect(some.explored).toBe(every.traces.size)
  })

  test('the violation is found that only some orders have', async () => {
    const start = starting(tickets, () => new TicketChecker())
    const world = worldOf([[send(0, '')], [send(0, '')]], { prologue: true })
    const every = await all(start, world, { splitsMax: 0, prune: false })
    const some = await all(start, world, { splitsMax: 0 })
    expect(some.failures.length).toBeGreaterThan(0)
    expect(some.explored - some.failures.length).toBeGreaterThan(0)
    expect(some.outcomes).toEqual(every.outcomes)
  })
})

describe('bounds', () => {
  const world = worldOf([[send(1, 'a')], []], { prologue: true, cuts: 'anywhere' })

  test.each([
    [0, relay],
    [1, relay],
    [2, relay],
    [0, alarm],
  ])('at most %d preemptions: those schedules, and no others', async (preemptionsMax, pattern) => {
    const start = starting(pattern)
    const schedules = async (bounds: ExhaustiveBounds): Promise<Map<string, number>> => {
      const found = new Map<string, number>()
      const record: Start<ToySay> = (given, choices) => {
        const simulation = start(given, choices)
        const step = simulation.step.bind(simulation)
        let previous: number | undefined
        let preemptions = 0
        let names = ''
        simulation.step = async (candidate) => {
          const actors = simulation.candidates().map(({ actor }) => actor)
          if (previous !== undefined && previous !== candidate?.actor && actors.includes(previous)) preemptions++
          previous = candidate?.actor
          names += ` ${previous}`
          await step(candidate)
          if (simulation.over) found.set(names, preemptions)
        }
        return simulation
      }
      const { pruned } = await explore({ start: record, world, mode: { kind: 'exhaustive', splitsMax: 0, ...bounds } })
      expect(pruned).toBe(0)
      return found
    }
    const every = [...(await schedules({ prune: false }))].filter(([, preemptions]) => preemptions <= preemptionsMax)
    expect(await schedules({ preemptionsMax })).toEqual(new Map(every))
    expect(every.length).toBeGreaterThan(0)
  })

  test.each([0, 1])('at most %d splits, each of them somewhere', async (splitsMax) => {
    const splits: number[] = []
    let count = 0
    const counting: Start<ToySay> = (given, choices) => {
      count = 0
      return starting(relay)(given, {
        choose: (...question) => {
          const answer = choices.choose(...question)
          if (question[1] !== 'next' && answer > 0) count++
          return answer
        },
      })
    }
    // The exploration steps by itself: only splits are asked for through choices.
    const { complete } = await explore({
      start: counting,
      world,
      mode: { kind: 'exhaustive', splitsMax },
      progress: () => splits.push(count),
    })
    expect(complete).toBe(true)
    expect(Math.max(...splits)).toBe(splitsMax)
  })

  test('no whole numbers, and too many clients, are refused', async () => {
    expect(() => new Exhaustive({ splitsMax: 0.5 })).toThrow(RangeError)
    expect(() => new Exhaustive({ preemptionsMax: -1 })).toThrow(RangeError)
    const crowd = worldOf(Array.from({ length: 10 }, () => []))
    const mode = { kind: 'exhaustive' as const }
    await expect(explore({ start: starting(relay), world: crowd, mode })).rejects.toThrow(RangeError)
    await expect(explore({ start: starting(relay), world: () => crowd, mode })).rejects.toThrow(TypeError)
  })
})

test('what an exploration found is found again from its schedule', async () => {
  const start = starting(tickets, () => new TicketChecker())
  const world = worldOf([[send(0, 'ab')], [send(1, 'cd')]], { cuts: 'anywhere' })
  const { failures, complete } = await explore({ start, world, mode: { kind: 'exhaustive' }, failuresMax: 5 })
  expect([failures.length, complete]).toEqual([5, false])
  for (const { schedule, outcome } of failures) {
    const again = new Recording(new ScheduleChoices(schedule))
    expect(renderLog(await start(world, again).run(), toySpeech)).toBe(renderLog(outcome, toySpeech))
    expect(again.schedule).toEqual(schedule)
  }
})

test('a server that does not depend on choices alone is found out', async () => {
  let runs = 0
  const [world, other] = [worldOf([[send(0, 'a')], []]), worldOf([[], [send(1, 'a')]])]
  const start: Start<ToySay> = (given, choices) => starting(relay)(++runs % 2 ? given : other, choices)
  const mode = { kind: 'exhaustive' as const, splitsMax: 0 }
  await expect(explore({ start, world, mode })).rejects.toThrow('one schedule ran in two ways')
})
