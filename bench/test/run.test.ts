import { describe, expect, it } from 'vitest'
import {
  canCarry,
  hosted,
  peer,
  roundOf,
  runBench,
  runBlock,
  twinOf,
  WORKLOADS,
  yardstickSubject,
} from '../src/index.ts'
import type { Block, Subject, Workload } from '../src/index.ts'
import { TINY_SERVER } from './support.ts'

const PACE = { warmupMs: 10, measureMs: 40 }

const SMALL: Workload = {
  name: 'small',
  title: 'for tests',
  family: 'traffic',
  load: { workload: 'round-trips', pairs: 2, messageBytes: 32 },
  ranked: 'rate',
  set: 'quick',
}

function tiny(name: string, way = 'goes-on'): Subject {
  return hosted('pattern', name, { module: TINY_SERVER, args: [way] }, { bounded: true })
}

describe('a block', () => {
  it('has the figures of a fresh process, and what was read off its listener', async () => {
    const pids: (number | undefined)[] = []
    const subject = tiny('one')
    const watched: Subject = {
      ...subject,
      async start(limits) {
        const server = await subject.start(limits)
        pids.push(Reflect.get(server, 'pid'))
        return server
      },
    }
    const outcome = await runBlock({ ...SMALL, load: { ...SMALL.load, idleClients: 50 } }, watched, PACE)
    await runBlock(SMALL, watched, PACE)
    if (outcome.state === 'failed') throw new Error(outcome.why)
    expect(new Set(pids).size).toBe(2)
    expect(outcome.measurement.messagesPerSecond).toBeGreaterThan(0)
    expect(outcome.vitals.peakRssBytes).toBeGreaterThanOrEqual(outcome.vitals.rssBytes)
    expect(outcome.vitals.loopDelayMs?.max).toBeGreaterThanOrEqual(0)
    expect(outcome.idle?.heldBytes).toBeGreaterThan(0)
    expect(outcome.idle?.youngBytes).toEqual(expect.any(Number))
    expect(outcome.facts).toMatchObject({ noDelay: true, allowHalfOpen: true, highWaterMark: 0, node: process.version })
  })

  it('of a server that dies is an outcome, not an error', async () => {
    expect(await runBlock(SMALL, tiny('one', 'dies'), PACE)).toMatchObject({
      state: 'failed',
      why: expect.stringContaining('the last words'),
    })
    expect(await runBlock(SMALL, tiny('one', 'fails-to-start'), PACE)).toMatchObject({ state: 'failed' })
  })

  it('of the yardstick has all of a server', async () => {
    const outcome = await runBlock(SMALL, yardstickSubject(), PACE)
    expect(outcome).toMatchObject({ state: 'measured', facts: { noDelay: true }, idle: null })
  })
})

describe('a peer', () => {
  const script = new URL('fixtures/tiny-peer.mjs', import.meta.url).pathname

  it('is started by its command, measured by its process group, and gone afterwards', async () => {
    const subject = peer('mine', `'${process.execPath}' '${script}' {port}`)
    const outcome = await runBlock({ ...SMALL, load: { ...SMALL.load, idleClients: 10 } }, subject, {
      warmupMs: 20,
      measureMs: 200,
    })
    if (outcome.state === 'failed') throw new Error(outcome.why)
    expect(outcome.measurement.messagesPerSecond).toBeGreaterThan(0)
    expect(outcome).toMatchObject({ facts: null, vitals: { loopDelayMs: null } })
    expect(outcome.vitals.rssBytes).toBeGreaterThan(1e6)
  })

  it('counts as one group, whatever processes it is', async () => {
    const running = await peer('mine', `'${process.execPath}' '${script}' {port} & wait`).start({})
    const cpu = await running.cpu()
    await running[Symbol.asyncDispose]()
    expect(cpu.cpuMicros).toBeGreaterThan(0)
  })

  it('that ends instead of listening says why', async () => {
    const outcome = await runBlock(SMALL, peer('mine', 'echo no such luck >&2; exit 7'), PACE)
    expect(outcome).toMatchObject({
      state: 'failed',
      why: expect.stringMatching(/ended with exit code 7[^]*no such luck/),
    })
  })
})

describe('the plan', () => {
  const subjects = ['a', 'b', 'c', 'd', 'e'].map((name) => tiny(name))
  const workloads = [SMALL, { ...SMALL, name: 'rare', everyRounds: 2 }, { ...SMALL, name: 'third' }]

  it('has everybody in each round, in another order, which the seed fixes', () => {
    const orders = [0, 2, 4, 6].map((round) =>
      roundOf(workloads, subjects, round, 7).find(({ workload }) => workload === SMALL),
    )
    for (const group of orders)
      expect(group?.subjects.map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(new Set(orders.map((group) => group?.subjects.map(({ name }) => name).join(''))).size).toBeGreaterThan(1)
    expect(roundOf(workloads, subjects, 3, 7)).toEqual(roundOf(workloads, subjects, 3, 7))
    expect(roundOf(workloads, subjects, 1, 7)).toHaveLength(2)
  })

  it('spares servers without bounds, and those without our limits, what they cannot be compared in', () => {
    const stalled = WORKLOADS.find(({ name }) => name === 'stalled-4') ?? SMALL
    const everybody = [...subjects, ...subjects.slice(0, 1).map(twinOf), yardstickSubject(), peer('p', 'x {port}')]
    const unbounded = hosted('variant', 'loose', { module: TINY_SERVER }, { bounded: false })
    expect([...everybody, unbounded].filter((subject) => canCarry(subject, stalled)).map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ])
    expect([...everybody, unbounded].every((subject) => canCarry(subject, SMALL))).toBe(true)
  })
})

describe('a run', () => {
  const options = { subjects: [tiny('one'), tiny('two')], workloads: [SMALL], pace: PACE, seed: 3, roundsMax: 2 }

  it('gives each block as soon as it ends, and is complete', async () => {
    const events: string[] = []
    const ended = await runBench({
      ...options,
      beginning: ({ subject, round, leftMs }) => {
        expect(leftMs).toBeGreaterThan(0)
        events.push(`begins ${round} ${subject}`)
      },
      ended: async ({ subject, round, outcome }) => {
        expect(outcome.state).toBe('measured')
        events.push(`ended ${round} ${subject}`)
      },
    })
    expect(ended).toBe('complete')
    expect(events).toHaveLength(8)
    for (let at = 0; at < 8; at += 2) expect(events[at + 1]).toBe(events[at]?.replace('begins', 'ended'))
  })

  it('that is interrupted keeps what it has, and not the block under way', async () => {
    const interrupt = new AbortController()
    const blocks: Block[] = []
    const ended = await runBench({
      ...options,
      signal: interrupt.signal,
      beginning: () => {
        if (blocks.length === 1) interrupt.abort()
      },
      ended: async (block) => void blocks.push(block),
    })
    expect({ ended, blocks: blocks.length }).toEqual({ ended: 'interrupted', blocks: 1 })
  })

  it('begins nothing that its budget has no time for', async () => {
    const ended = await runBench({ ...options, budgetMs: 1, ended: () => Promise.reject(new Error('a block was run')) })
    expect(ended).toBe('out-of-time')
  })
})
