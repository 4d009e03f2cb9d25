/** The five, each in a process of its own: what a stalled reader costs, and what throughput they have. */
import { interleaved, ratiosTo, startServer } from '@switchyard/bench'
import type { ServerProcess } from '@switchyard/bench'
import { stress } from '@switchyard/stress'
import { describe, expect, it } from 'vitest'
import { PATTERNS } from '../src/patterns.ts'
import { SHORT } from '../src/stress/short.ts'
import { subjectOf } from '../src/stress/subject.ts'

const HOST = new URL('../dist/host.js', import.meta.url)
const NAMES = PATTERNS.map(({ pattern }) => pattern.name)

describe('one stalled reader', () => {
  it.each(PATTERNS.map((each) => [each.pattern.name, each] as const))(
    `of %s costs what it declares, and not more (${SHORT.join(', ')})`,
    async (_, known) => {
      const subject = { ...subjectOf(known), module: HOST }
      const { cells } = await stress([subject], { guarantees: SHORT, trials: [] })
      expect(cells.map(({ guarantee }) => guarantee)).toEqual(SHORT)
      expect(cells.filter(({ ok }) => !ok)).toEqual([])
    },
    60_000,
  )
})

it('each carries at least ten times what the server does that awaits per message', async () => {
  const servers: Record<string, ServerProcess> = {}
  try {
    for (const name of [...NAMES, 'await-per-message'])
      servers[name] = await startServer({ module: HOST, args: [name] })
    const load = { workload: 'pipelined', pairs: 16, messageBytes: 32, warmupMs: 200, measureMs: 300 } as const
    const ratios = ratiosTo('await-per-message', await interleaved(servers, load, { rounds: 3, seed: 1 }))
    for (const name of NAMES) expect(ratios[name], name).toBeGreaterThanOrEqual(10)
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}, 120_000)
