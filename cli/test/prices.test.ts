/** The five, each in a process of its own: what a stalled reader costs, and what throughput they have. */
import { interleaved } from '@switchyard/bench'
import { startServer } from '@switchyard/harness'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { EXCHANGE } from '@switchyard/protocols/exchange/suite'
import { MUX } from '@switchyard/protocols/mux/suite'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { ServerProcess } from '@switchyard/harness'
import { stress } from '@switchyard/stress'
import { describe, expect, it } from 'vitest'
import { known } from '../src/mutants.ts'
import { PATTERNS } from '../src/patterns.ts'
import { SHORT } from '../src/stress/short.ts'
import { subjectOf } from '../src/stress/subject.ts'

const HOST = new URL('../dist/host.js', import.meta.url)
const NAMES = PATTERNS.map(({ pattern }) => pattern.name)

describe('one stalled reader', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    `of %s costs what it declares, and not more (${SHORT.join(', ')})`,
    async (_, each) => {
      const subject = { ...subjectOf(each, ROUTER.name, ROUTER.dialect), module: HOST }
      const { cells } = await stress([subject], { guarantees: SHORT, trials: [] })
      expect(cells.map(({ guarantee }) => guarantee)).toEqual(SHORT)
      expect(cells.filter(({ ok }) => !ok)).toEqual([])
    },
    60_000,
  )
})

describe('one member of fifty that reads nothing', () => {
  it.each(['mutex', 'reactor'])(
    'costs %s what it declares',
    async (name) => {
      const subject = { ...subjectOf(known(name), CHAT.name, CHAT.dialect), module: HOST }
      const { cells } = await stress([subject], { trials: [] })
      expect(cells.map(({ guarantee }) => guarantee)).toEqual(['G9'])
      expect(cells.filter(({ ok }) => !ok)).toEqual([])
    },
    60_000,
  )
})

describe('sixteen clients that wait until their orders are durable', () => {
  it.each(['mutex', 'reactor'])(
    'share commits in %s as it declares',
    async (name) => {
      const subject = { ...subjectOf(known(name), EXCHANGE.name, EXCHANGE.dialect), module: HOST }
      const { cells } = await stress([subject], { guarantees: ['G11'], trials: [] })
      expect(cells.map(({ guarantee, ok }) => [guarantee, ok])).toEqual([['G11', true]])
    },
    30_000,
  )
})

describe('a peer that writes all it may before it reads', () => {
  it.each(['mutex', 'reactor'])(
    'is read by %s as it declares, and has everything back',
    async (name) => {
      const subject = { ...subjectOf(known(name), MUX.name, MUX.dialect), module: HOST }
      const { cells } = await stress([subject], { trials: [] })
      expect(cells.map(({ guarantee, ok }) => [guarantee, ok])).toEqual([['G12', true]])
    },
    30_000,
  )
})

// By CPU, not by rate: beside other work a fast server is kept from its core as well as a slow one. And by the least that
// was measured of each: disturbance only adds.
it('a message costs each a tenth at most of what it costs the server that awaits per message', async () => {
  const servers: Record<string, ServerProcess> = {}
  try {
    for (const name of [...NAMES, 'await-per-message'])
      servers[name] = await startServer({ module: HOST, args: [name] })
    const load = { workload: 'pipelined', pairs: 16, messageBytes: 32, warmupMs: 100, measureMs: 100 } as const
    const { measurements } = await interleaved(servers, load, { rounds: 3, seed: 1 })
    const cost = (name: string): number =>
      Math.min(...(measurements[name] ?? []).map((each) => each.serverCpuMicrosPerMessage))
    for (const name of NAMES) expect(cost(name), name).toBeLessThan(cost('await-per-message') / 10)
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}, 120_000)
