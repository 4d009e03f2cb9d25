import { describe, expect, test, vi } from 'vitest'
import { Random } from '@switchyard/core'
import type { Outbox } from '@switchyard/core'
import { actorOf, RandomChoices, Recording, renderLog, ScheduleChoices, Simulation } from '../src/index.ts'
import type { Checker, Choices, Conversation, Move, Outcome, Speech, World } from '../src/index.ts'
import {
  alarm,
  embrace,
  noChecker,
  relay,
  send,
  starting,
  textOf,
  tickets,
  ToyProtocol,
  toySpeech,
  toySpeechWith,
  worldOf,
} from './toys.ts'
import type { ToySay } from './toys.ts'

const plainest: Choices = { choose: () => 0 }

function run(world: World<ToySay>, choices: Choices = plainest, checker: Checker = noChecker): Promise<Outcome> {
  return starting(relay, () => checker)(world, choices).run()
}

/** What each client read after its id. */
function received({ events }: Outcome, clients: number): string[] {
  return Array.from({ length: clients }, (_, client) =>
    events
      .map((event) => (event.kind === 'read' && event.client === client ? textOf(event.bytes) : ''))
      .join('')
      .slice(1),
  )
}

function kinds({ events }: Outcome): string {
  return events.map((event) => ('client' in event ? `${event.kind} ${event.client}` : event.kind)).join(', ')
}

function anyWorld(random: Random): World<ToySay> {
  const others: Move<ToySay>[] = [{ kind: 'stall' }, { kind: 'resume' }, { kind: 'fin' }, { kind: 'reset' }]
  const message = (): Move<ToySay> => send(random.below(3), 'abcdef')
  const move = (): Move<ToySay> => (random.below(4) > 0 ? message() : (others[random.below(4)] ?? message()))
  const clients = Array.from({ length: 3 }, () => Array.from({ length: 4 }, move))
  return worldOf(clients, { cuts: 'anywhere', buffers: { receiveBytes: 6, sendBytes: 5 }, shutdown: true })
}

async function logOf(seed: number): Promise<string> {
  return renderLog(await run(anyWorld(new Random(seed)), new RandomChoices(seed)), toySpeech)
}

class TwoByteIds extends ToyProtocol {
  override connected(client: number, out: Outbox): void {
    super.connected(client, out)
    out.send(client, Uint8Array.of(99))
  }
}

describe('a run', () => {
  test('the plainest one finishes what has begun before anything new begins', async () => {
    const outcome = await run(worldOf([[send(1, 'hi')], []]))
    expect(kinds(outcome)).toBe('connect 0, read 0, turn, connect 1, read 1, turn, move 0, deliver 0, read 1, turn')
    expect(received(outcome, 2)).toEqual(['', '1hi\0'])
    expect(outcome.violation).toBeUndefined()
  })

  test('the same seed has the same log, byte for byte, and other seeds have others', async () => {
    const logs = new Set<string>()
    for (let seed = 0; seed < 100; seed++) {
      const log = await logOf(seed)
      expect(await logOf(seed)).toBe(log)
      logs.add(log)
    }
    expect(logs.size).toBeGreaterThan(90)
  })

  test('without setImmediate, as in a browser, the log is the same', async () => {
    const here = await logOf(7)
    vi.stubGlobal('setImmediate', undefined)
    vi.resetModules()
    const { settle } = await import('../src/settle.ts')
    vi.unstubAllGlobals()
    const order: string[] = []
    queueMicrotask(() => {
      order.push('microtask')
      process.nextTick(() => order.push('tick'))
    })
    await Promise.all([settle().then(() => order.push('first')), settle().then(() => order.push('second'))])
    expect(order).toEqual(['microtask', 'tick', 'first', 'second'])
    expect(await logOf(7)).toBe(here)
  })

  test('what was recorded is what a schedule repeats; beyond its end the answers are 0', async () => {
    const world = anyWorld(new Random(3))
    const recording = new Recording(new RandomChoices(3))
    const first = renderLog(await run(world, recording), toySpeech)
    expect(renderLog(await run(world, new ScheduleChoices(recording.schedule)), toySpeech)).toBe(first)
    const again = new Recording(new ScheduleChoices([]))
    expect(renderLog(await run(world, again), toySpeech)).toBe(renderLog(await run(world), toySpeech))
    expect(new Set(again.schedule)).toEqual(new Set([0]))
  })

  test('a client that stalls reads nothing until it resumes; meanwhile the write waits', async () => {
    const moves: Move<ToySay>[] = [{ kind: 'stall' }, send(1, 'x'), { kind: 'resume' }]
    const world = worldOf([[send(1, 'abcdef')], moves], { buffers: { receiveBytes: 64, sendBytes: 4 } })
    const outcome = await run(world)
    expect(received(outcome, 2)[1]).toBe('1abcdef\x002x\0')
    // In a prologue, so that it has read its id before it stalls.
    const stalled = { ...world, clients: [[send(1, 'abcdef')], [{ kind: 'stall' } as const]], prologue: true }
    const unread = await run(stalled, { choose: (count, kind) => (kind === 'next' ? count - 1 : 0) })
    expect(received(unread, 2)[1]).toBe('')
    expect(unread.events.filter(({ kind }) => kind === 'accept')).toEqual([])
    // R5.3: nothing but the write deadline is left, and it ends the connection.
    expect(unread.events.find((event) => event.kind === 'time')).toMatchObject({ now: 10_000 })
  })

  test('several events share a turn if the schedule says so', async () => {
    const turnLast: Choices = { choose: (_count, _kind, actors) => (actors?.[0] === 0 ? 1 : 0) }
    const world = worldOf([[send(0, 'a')], [send(1, 'b')]], { prologue: true })
    const outcome = await starting(tickets)(world, turnLast).run()
    const [first, second] = outcome.events.flatMap((event, index) => (event.kind === 'deliver' ? [index] : []))
    expect(outcome.events.slice(first, second).some(({ kind }) => kind === 'turn')).toBe(false)
  })

  test('in a prologue everybody gets an id before the first question is asked', async () => {
    const before: string[][] = []
    const events: string[] = []
    const checker: Checker = { after: (event) => void events.push(event.kind), end: () => undefined }
    const choices: Choices = {
      choose: () => {
        before.push([...events])
        return 0
      },
    }
    await run(worldOf([[send(1, 'a'), send(1, 'b')], [{ kind: 'stall' }]], { prologue: true }), choices, checker)
    expect(before[0]?.filter((kind) => kind === 'read').length).toBe(2)
    expect(before[0]).not.toContain('move')
  })

  test('in a prologue clients introduce themselves, where the protocol wants that', async () => {
    const introduced: Speech<ToySay> = {
      ...toySpeech,
      introduces: () => true,
      begin: greeted,
    }
    const moves: number[] = []
    const checker: Checker = {
      after: (event) => void (event.kind === 'move' && moves.push(event.client)),
      end: () => undefined,
    }
    const before: number[][] = []
    const choices: Choices = {
      choose: () => {
        before.push([...moves])
        return 0
      },
    }
    const world = worldOf([[send(0, 'a'), send(1, 'b')], [send(1, 'c')]], { prologue: true })
    await starting(relay, () => checker, introduced)(world, choices).run()
    expect(before[0]).toEqual([0, 1])
    expect(moves).toEqual([0, 1, 0])

    /** A client is introduced when it has read more than its id: what it sent to itself. */
    function greeted(clients: number): Conversation<ToySay> {
      const conversation = toySpeech.begin(clients)
      const reads = new Map<number, number>()
      return {
        ...conversation,
        hear(client, bytes) {
          reads.set(client, (reads.get(client) ?? 0) + bytes.length)
          conversation.hear(client, bytes)
          return true
        },
        introduced: (client) => (reads.get(client) ?? 0) > 1,
      }
    }
  })

  test('an id that comes in pieces is put together', async () => {
    const simulation = new Simulation({
      pattern: relay,
      createProtocol: () => new TwoByteIds(),
      world: worldOf([[send(0, 'me')]]),
      speech: toySpeechWith(2),
      // The kernel takes one byte, and the client reads it before the kernel takes the other.
      choices: {
        choose: (_count, kind, actors) =>
          kind === 'accept' ? 1 : Math.max(0, actors?.indexOf(actorOf(0, 'reading')) ?? 0),
      },
      checker: noChecker,
    })
    const outcome = await simulation.run()
    expect(outcome.events.slice(0, 4).map((event) => ('bytes' in event ? event.bytes : event.kind))).toEqual([
      'connect',
      Uint8Array.of(1),
      1,
      Uint8Array.of(99),
    ])
    expect(received(outcome, 1)[0]).toBe('c1me\0')
  })

  test('a run without rest is a violation', async () => {
    const endless = {
      ...relay,
      serve: (...args: Parameters<typeof relay.serve>) => {
        const server = relay.serve(...args)
        const again = (): void => args[2]?.clock?.turn(again)
        again()
        return server
      },
    }
    const outcome = await starting(endless)(worldOf([[]]), plainest).run()
    expect(outcome.violation).toMatchObject({ clause: 'G1' })
    expect(outcome.events.length).toBe(10_000)
  })

  test('a crash that only the surroundings hear of ends the run', async () => {
    const simulation = starting(relay)(worldOf([[]]), plainest)
    simulation.crashed(new Error('boom'))
    expect((await simulation.run()).violation).toEqual({ clause: 'crash', message: 'Error: boom' })
  })

  test('the waits at the end name clients as the world does, whatever their ids', async () => {
    // Client 1 connects first, so that its id is 1.
    const lastFirst: Choices = { choose: (count) => count - 1 }
    const outcome = await starting(embrace)(worldOf([[send(0, '')], [send(1, '')]]), lastFirst).run()
    expect(outcome.events[0]).toMatchObject({ kind: 'connect', client: 1 })
    expect(outcome.waits).toMatch(/^deadlock: client (\d) .* held by client (?!\1)\d, .* held by client \1$/)
    expect(outcome.waits).toContain('client 0')
  })
})

describe('time', () => {
  const eventsUntil = async (timeMs: number): Promise<readonly string[]> => {
    const world = worldOf([[send(0, 'a')], []], { prologue: true, timeMs })
    const timeFirst: Choices = { choose: (count, kind) => (kind === 'next' ? count - 1 : 0) }
    return (await starting(alarm)(world, timeFirst).run()).events.map(({ kind }) => kind)
  }

  test('passes by itself where the world lets it, and the schedule wants it to', async () => {
    const events = await eventsUntil(5)
    expect(events.indexOf('time')).toBeLessThan(events.indexOf('move'))
  })

  test('passes when nothing else is left where a timer is due later than that', async () => {
    const events = await eventsUntil(4)
    expect(events.indexOf('time')).toBeGreaterThan(events.lastIndexOf('move'))
  })
})

describe('whoever sets the time of each event', () => {
  test('lets it pass up to a moment, or up to the first timer that is due', async () => {
    const heard: string[] = []
    const checker: Checker = { after: ({ kind }) => void heard.push(kind), end: () => undefined }
    const world = worldOf([[], []], { limits: { writeDeadlineMs: 500 }, buffers: { receiveBytes: 8, sendBytes: 1 } })
    const simulation = starting(relay, () => checker)(world, plainest)
    await simulation.step(simulation.candidates().find(({ kind }) => kind === 'connect'))
    const client = simulation.clients[0]
    expect(client?.link.readable).toBe(1)
    expect(await simulation.pass(400)).toBeUndefined()
    expect(simulation.clock.now()).toBe(400)
    simulation.clock.after(100, () => void heard.push('timer'))
    expect(await simulation.pass(900)).toEqual({ kind: 'time', now: 500 })
    expect(await simulation.pass(900)).toBeUndefined()
    expect(simulation.clock.now()).toBe(900)
    expect(heard).toEqual(['connect', 'timer', 'time'])
  })
})
