/** The five, each in a process of its own: what a stalled reader costs, in memory and in everybody else's time. */
import { interleaved, ratiosTo, stall, startServer } from '@switchyard/bench'
import type { ServerProcess } from '@switchyard/bench'
import { describe, expect, it } from 'vitest'
import { known, PATTERNS } from '../src/patterns.ts'

const HOST = new URL('../dist/host.js', import.meta.url)
const LIMITS = { writeDeadlineMs: 2_500 }
/** What a heap that has just been collected still varies by, with everything that a process had not yet used before. */
const HEAP_NOISE_BYTES = 4 * 1024 * 1024
const NAMES = PATTERNS.map(({ pattern }) => pattern.name)

describe('one stalled reader, with 64 MB offered to it', () => {
  it.each(NAMES)(
    '%s holds what R5.4 allows, and blocks the others if and only if it does not declare G2',
    async (name) => {
      await using server = await startServer({ module: HOST, args: [name], limits: LIMITS })
      const { verdict, doubts, heldBytes, allowedBytes, memory, recovery, waits } = await stall(server)
      expect(doubts).toEqual([])
      expect(heldBytes.total).toBeLessThanOrEqual(allowedBytes)
      const grown = bytesOf(memory.during) - bytesOf(memory.before)
      expect(grown).toBeLessThanOrEqual(allowedBytes + HEAP_NOISE_BYTES)
      expect(verdict).toBe(known(name).pattern.guarantees.G2 ? 'goes-on' : 'stalls')
      expect(recovery.state).toBe(verdict === 'stalls' ? 'recovered' : 'not-needed')
      expect(waits).toMatch(/waits for/)
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

function bytesOf({ heapUsedBytes, externalBytes }: { heapUsedBytes: number; externalBytes: number }): number {
  return heapUsedBytes + externalBytes
}
