/** The proxy does what a plan says, and a seed is one plan: else no verdict behind it would mean anything. */
import { Random } from '@switchyard/core'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, ID_BYTES } from '@switchyard/protocols/router/suite'
import type { Fault } from '../src/faults/fault.ts'
import { interleaved, owedOf } from '../src/faults/expected-deliveries.ts'
import { planOf, renderPlan } from '../src/faults/plan.ts'
import { FaultProxy } from '../src/faults/proxy.ts'
import { Timeline } from '../src/faults/timeline.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Scene {
  readonly client: Client
  /** The other end. */
  readonly far: Client
  readonly farSocket: Socket
  readonly timeline: Timeline
}

async function through(...faults: readonly Fault[]): Promise<Scene> {
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: 0 }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => server.close())
  const timeline = new Timeline()
  const proxy = await FaultProxy.start(portOf(server), timeline)
  cleanups.push(() => proxy[Symbol.asyncDispose]())
  cleanups.push(() => timeline[Symbol.dispose]())
  const accepted: Promise<Socket[]> = once(server, 'connection')
  const client = new Client('near', await proxy.connect(faults, new Random(1)))
  cleanups.push(() => client.destroy())
  const [socket] = await accepted
  if (!socket) throw new Error('no socket')
  const far = new Client('far', socket)
  cleanups.push(() => far.destroy())
  return { client, far, farSocket: socket, timeline }
}

const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => 1 + (i % 255))

/** What has passed up does not grow any more, for so many turns. */
async function still(far: Client): Promise<number> {
  let last = -1
  for (let same = 0; same < 50;) {
    await new Promise<void>((resolve) => void setImmediate(resolve))
    same = far.bytesReceived === last ? same + 1 : 0
    last = far.bytesReceived
  }
  return last
}

describe('a link', () => {
  test.each<Fault[][]>([
    [[]],
    [[{ kind: 'slice', way: 'up', bytesMax: 7 }]],
    [[{ kind: 'latency', way: 'up', ms: 3 }]],
    [[{ kind: 'bandwidth', way: 'up', bytesPerMs: 1_000 }]],
    [[{ kind: 'stall', way: 'up', fromMs: 0, untilMs: 10 }]],
    [[{ kind: 'slow-close', ms: 5 }]],
  ])('with %j passes every byte, in order, and then FIN', async (faults) => {
    const { client, far, timeline } = await through(...faults)
    timeline.begin()
    void client.send(BYTES).then(() => client.end())
    expect(await far.bytes(BYTES.length)).toEqual(Buffer.from(BYTES))
    expect(await far.closed()).toBe('fin')
  })

  test('slices: no piece is longer than it may be', async () => {
    const { client, farSocket, timeline } = await through({ kind: 'slice', way: 'up', bytesMax: 7 })
    timeline.begin()
    const pieces: number[] = []
    farSocket.removeAllListeners('readable').on('data', (chunk: Buffer) => void pieces.push(chunk.length))
    await client.send(BYTES.subarray(0, 200))
    await once(farSocket, 'data')
    while (pieces.reduce((sum, length) => sum + length, 0) < 200) await once(farSocket, 'data')
    expect(pieces.length).toBeGreaterThan(20) // One kernel may join a few of them.
  })

  test('hangs at the byte, and goes on when healed', async () => {
    const { client, far, timeline } = await through({ kind: 'hang', way: 'up', afterBytes: 1_234 })
    timeline.begin()
    await client.send(BYTES)
    await far.bytes(1_234)
    expect(await still(far)).toBe(1_234)
    timeline.heal()
    expect(await far.bytes(BYTES.length - 1_234)).toEqual(Buffer.from(BYTES.subarray(1_234)))
  })

  test('a stall passes nothing until it is healed', async () => {
    const { client, far, timeline } = await through({ kind: 'stall', way: 'up', fromMs: 0, untilMs: 3_600_000 })
    timeline.begin()
    await client.send(BYTES)
    expect(await still(far)).toBe(0)
    timeline.heal()
    await far.bytes(BYTES.length)
  })

  test('resets both ends at the byte', async () => {
    const { client, far, timeline } = await through({ kind: 'reset', way: 'up', afterBytes: 1_234 })
    timeline.begin()
    client.send(BYTES).catch(() => {}) // It may fail: that is the fault.
    // After a short read libuv reports a reset as the end of the stream; only writing tells the two apart.
    await Promise.all([far.closed(), client.closed()])
    expect(far.bytesReceived).toBeLessThanOrEqual(1_234)
    await expect(far.send(BYTES)).rejects.toThrow('ended')
    await expect(client.send(BYTES)).rejects.toThrow('ended')
  })

  test('half-closes at the byte, and the other way goes on', async () => {
    const { client, far, timeline } = await through({ kind: 'half-close', way: 'up', afterBytes: 1_234 })
    timeline.begin()
    await client.send(BYTES)
    expect(await far.closed()).toBe('fin')
    expect(far.bytesReceived).toBe(1_234)
    await far.send(BYTES)
    expect(await client.bytes(BYTES.length)).toEqual(Buffer.from(BYTES))
  })
})

describe('a seed', () => {
  const seeds = Array.from({ length: 200 }, (_, seed) => seed)

  test('is one plan: the same each time, another for each seed', () => {
    const plans = seeds.map((seed) => renderPlan(planOf(seed)))
    expect(seeds.map((seed) => renderPlan(planOf(seed)))).toEqual(plans)
    expect(new Set(plans).size).toBe(plans.length)
    for (const seed of seeds.slice(0, 20)) {
      expect(planOf(seed).flows.map(({ lengths }) => lengths)).toEqual(planOf(seed).flows.map(({ lengths }) => lengths))
    }
  })

  test('of 200, every kind of fault comes in both ways, and every mixture of limits', () => {
    const plans = seeds.map((seed) => planOf(seed))
    const kinds = new Set(
      plans.flatMap(({ clients }) =>
        clients.flatMap(({ faults }) => faults.map((fault) => `${fault.kind} ${'way' in fault ? fault.way : 'both'}`)),
      ),
    )
    expect([...kinds].toSorted()).toEqual([
      'bandwidth down',
      'bandwidth up',
      'half-close up',
      'hang down',
      'hang up',
      'latency down',
      'latency up',
      'reset down',
      'reset up',
      'slice down',
      'slice up',
      'slow-close both',
      'stall down',
      'stall up',
    ])
    expect(new Set(plans.map(({ limits }) => `${limits.queuedBytesMax} ${limits.writeDeadlineMs}`)).size).toBe(6)
  })

  test('never faults those that it calls aside, nor whom they talk to', () => {
    for (const seed of seeds) {
      const { aside, flows, clients } = planOf(seed)
      expect(aside.length).toBe(2)
      const apart = new Set(aside.flatMap(({ from, to }) => [from, to]))
      for (const { from, to } of flows) expect(apart.has(from)).toBe(apart.has(to))
      for (const place of apart) expect(clients[place]?.faults).toEqual([])
    }
  })
})

describe('what is owed', () => {
  const seeds = Array.from({ length: 100 }, (_, seed) => planOf(seed))

  test('of a sender whose FIN came early is what was whole by then, counted on its bytes', () => {
    let cut = 0
    for (const plan of seeds) {
      for (const [place, { faults }] of plan.clients.entries()) {
        const fin = faults.find((fault) => fault.kind === 'half-close')
        if (!fin) continue
        cut++
        const sent = plan.flows.filter(({ from }) => from === place)
        const none = plan.clients.map(() => undefined)
        let bytes = 0
        const whole = new Map(sent.map((flow) => [flow, 0]))
        for (const { flow, number } of interleaved(sent)) {
          bytes += ID_BYTES + (flow.lengths[number] ?? 0) + 1
          // A body too short for its tag is longer than planned: those plans are left to the runs.
          if (flow.messages.body(number).length !== flow.lengths[number]) bytes = Number.POSITIVE_INFINITY
          if (bytes <= fin.afterBytes) whole.set(flow, (whole.get(flow) ?? 0) + 1)
        }
        if (bytes === Number.POSITIVE_INFINITY) continue
        for (const flow of sent) expect(owedOf(flow, plan, none)).toBe(whole.get(flow))
      }
    }
    expect(cut).toBeGreaterThan(5)
  })

  test('is everything between those of whom nothing has ended, and nothing to whom it has', () => {
    for (const plan of seeds) {
      const [flow] = plan.flows
      if (!flow) throw new Error('no flow')
      expect(owedOf(flow, plan, [])).toBe(flow.count)
      expect(
        owedOf(
          flow,
          plan,
          plan.clients.map((_, place) => (place === flow.to ? 'fin' : undefined)),
        ),
      ).toBe(0)
      expect(
        owedOf(
          flow,
          plan,
          plan.clients.map((_, place) => (place === flow.from ? 'reset' : undefined)),
        ),
      ).toBe(0)
    }
  })
})
