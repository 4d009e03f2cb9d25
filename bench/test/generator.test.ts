import { ROUTER } from '@switchyard/protocols/router/suite'
import { describe, expect, it } from 'vitest'
import { DEFAULT_LOAD, generate } from '../src/load/generator.ts'
import type { Load } from '../src/load/generator.ts'
import { router } from './support.ts'
import type { Listening } from './support.ts'

const SHORT = { warmupMs: 20, measureMs: 60 }

describe.each(['pipelined', 'round-trips'] as const)('the load generator, %s', (workload) => {
  it.each([
    { pairs: 1, messageBytes: 1 },
    { pairs: 3, messageBytes: 32 },
    { pairs: 2, messageBytes: 100_000 },
  ])('counts what the server delivered: $pairs pairs, $messageBytes bytes', async ({ pairs, messageBytes }) => {
    await using server = await router()
    const at: number[] = []
    const note = (): void => void at.push(server.delivered())
    const load: Load = { ...SHORT, workload, pairs, messageBytes }
    const generated = await generate(server.port, load, { begun: note, over: note }, ROUTER.dialect)
    const [begun = 0, over = 0] = at
    // What is on its way at these two moments is delivered and has not arrived: a window, or one message, for each pair.
    const onTheWay = pairs * (workload === 'pipelined' ? 1 + Math.max(4, (256 * 1024) / messageBytes) : 1)
    expect(at).toHaveLength(2)
    expect(generated.messages).toBeGreaterThan(0)
    expect(Math.abs(generated.messages - (over - begun))).toBeLessThanOrEqual(onTheWay)
    expect(generated.seconds).toBeGreaterThan(0)
    expect(generated.generatorCpuMs).toBeGreaterThan(0)
  })

  it('finds out that other bytes arrive than were sent', async () => {
    await using server = await router((to, message) => to.write(Buffer.from(message).fill(255, 0, 1)))
    await expect(run(server, workload)).rejects.toThrow('a client got other bytes than were sent to it')
  })

  it('finds out that a connection is ended', async () => {
    await using server = await router((to) => to.destroy())
    await expect(run(server, workload)).rejects.toThrow('the server ended a connection')
  })
})

describe('the load generator', () => {
  it('finds out that a message arrives twice', async () => {
    await using server = await router((to, message) => to.write(Buffer.concat([message, message])))
    await expect(run(server, 'pipelined')).rejects.toThrow('a client got more than was sent to it')
  })

  it('times round trips, and nothing else', async () => {
    await using server = await router()
    const { roundTrip } = await run(server, 'round-trips')
    expect(roundTrip?.p50Micros).toBeGreaterThan(0)
    expect(roundTrip?.p99Micros).toBeGreaterThanOrEqual(roundTrip?.p50Micros ?? Number.NaN)
    expect((await run(server, 'pipelined')).roundTrip).toBeNull()
  })

  it.each([{ pairs: 0 }, { messageBytes: 0 }, { messageBytes: 1.5 }, { measureMs: 0 }, { warmupMs: -1 }])(
    'turns down %o',
    async (wrong) => {
      await expect(
        generate(1, { ...DEFAULT_LOAD, ...wrong }, { begun() {}, over() {} }, ROUTER.dialect),
      ).rejects.toThrow(RangeError)
    },
  )
})

function run(server: Listening, workload: Load['workload']): ReturnType<typeof generate> {
  return generate(
    server.port,
    { ...SHORT, workload, pairs: 2, messageBytes: 32 },
    { begun() {}, over() {} },
    ROUTER.dialect,
  )
}
