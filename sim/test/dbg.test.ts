import { test } from 'vitest'
import { encodeRun, explore, shrink } from '../src/index.ts'
import type { Move, Random, World } from '../src/index.ts'
import { send, starting, TicketJudge, tickets, worldOf } from './toys.ts'
const start = starting(tickets, () => new TicketJudge())
function anyWorld(random: Random): World {
  const count = 2 + random.below(4)
  const message = (): Move => send(random.below(count), 'abcdefgh'.slice(random.below(8)))
  const clients = Array.from({ length: count }, () => Array.from({ length: random.below(5) }, message))
  return worldOf(clients, { cuts: 'anywhere', shutdown: random.below(2) === 0, limits: { lingerMs: 500 } })
}
test('x', async () => {
  for (const seed of [1, 1000, 2000, 3000, 4000, 5000]) {
    const { failures } = await explore({ start, world: anyWorld, mode: { kind: 'random', from: seed, to: seed + 10_000 } })
    const s = await shrink({ start, ...failures[0]!, retries: 0 })
    console.log(seed, s.runs, encodeRun({ pattern: 't', ...s }))
  }
})
