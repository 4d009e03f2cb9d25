import { describe, expect, it } from 'vitest'
import { figuresOf, interleaved, measure, ratiosTo } from '../src/index.ts'
import type { Load, Measurement } from '../src/index.ts'
import { tinyServer } from './support.ts'

const LOAD: Load = { workload: 'round-trips', pairs: 2, messageBytes: 32, warmupMs: 20, measureMs: 60 }

describe('a measurement', () => {
  it.each(['pipelined', 'round-trips'] as const)('has figures of both processes: %s', async (workload) => {
    await using server = await tinyServer('goes-on')
    const measured = await measure(server, { ...LOAD, workload })
    const { messages, seconds } = measured.generated
    expect(measured.messagesPerSecond).toBeCloseTo(messages / seconds)
    expect(measured.serverCpuShare).toBeGreaterThan(0)
    expect(measured.generatorCpuShare).toBeGreaterThan(0)
    expect(measured.serverCpuMicrosPerMessage).toBeCloseTo((measured.serverCpuShare * 1e6) / measured.messagesPerSecond)
  })

  it('of a server that dies under it says how the server died', async () => {
    await using server = await tinyServer('dies')
    await expect(measure(server, LOAD)).rejects.toMatchObject({
      name: 'ServerFailed',
      code: 'server-failed',
      message: expect.stringMatching(/^the server process ended with exit code 7 after it wrote:[^]*the last words/),
    })
  })

  it('of a server that hangs up says so', async () => {
    await using server = await tinyServer('hangs-up')
    await expect(measure(server, LOAD)).rejects.toMatchObject({
      code: 'load-failed',
      message: expect.stringContaining('ended a connection'),
    })
  })

  it('of a server that is gone already says so', async () => {
    const server = await tinyServer('goes-on')
    await server.kill()
    await expect(measure(server, LOAD)).rejects.toMatchObject({
      code: 'server-failed',
      message: expect.stringContaining('SIGKILL'),
    })
  })
})

describe('interleaved measurements', () => {
  it('measure everybody in each round, in an order that the seed fixes', async () => {
    await using one = await tinyServer('goes-on')
    await using two = await tinyServer('goes-on')
    const seen: string[] = []
    const load: Load = { ...LOAD, pairs: 1, warmupMs: 0, measureMs: 10 }
    const result = await interleaved({ one, two }, load, {
      rounds: 3,
      seed: 5,
      measured: (name, round) => void seen.push(`${round} ${name}`),
    })
    expect(result.orders.flatMap((order, round) => order.map((name) => `${round} ${name}`))).toEqual(seen)
    for (const order of result.orders) expect(order.toSorted()).toEqual(['one', 'two'])
    expect(result.measurements.one).toHaveLength(3)
    expect(result.measurements.two).toHaveLength(3)
    const again = await interleaved({ one, two }, load, { rounds: 3, seed: 5 })
    expect(again.orders).toEqual(result.orders)
  })

  it('are summed up by medians, and compared within rounds', () => {
    // The machine is half as fast in the second round: no ratio within a round shows that.
    const measurements = { slow: [100, 50, 90].map(measurement), fast: [300, 150, 360].map(measurement) }
    expect(figuresOf(measurements.slow)).toMatchObject({ messagesPerSecond: 90, roundTrip: { p50Micros: 90 } })
    expect(ratiosTo('slow', { load: LOAD, seed: 1, orders: [], measurements })).toEqual({ slow: 1, fast: 3 })
    expect(() => ratiosTo('nobody', { load: LOAD, seed: 1, orders: [], measurements })).toThrow(RangeError)
  })
})

function measurement(messagesPerSecond: number): Measurement {
  const roundTrip = { p50Micros: messagesPerSecond, p99Micros: 2 * messagesPerSecond }
  return {
    messagesPerSecond,
    serverCpuMicrosPerMessage: 1,
    serverCpuShare: 1,
    generatorCpuShare: 1,
    generated: {
      messages: messagesPerSecond,
      seconds: 1,
      generatorCpuMs: 1,
      roundTrip,
      longestSilenceMs: 0,
      latencies: null,
    },
  }
}
