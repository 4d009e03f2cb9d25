import type { Pattern, Random } from '@switchyard/core'
import { runSeeds, startOf } from '@switchyard/sim'
import type { World } from '@switchyard/sim'
import { describe, expect, test } from 'vitest'
import { Isolation, Ordered, Served } from '@switchyard/simulated'
import type { Invariant } from '@switchyard/simulated'
import type { RouterSay } from '../../suite/simulated/index.ts'
import { routerWith } from '../../suite/simulated/router.ts'
import { randomWorld } from '../../suite/simulated/worlds.ts'
import type { WorldKind } from '../../suite/simulated/worlds.ts'
import { toy } from './toy.ts'

const RUNS = 150
const TURNS_MAX = 4

describe('order', () => {
  test('per destination: kept by writes that nobody waits for', async () => {
    expect(await broken(toy(), 'faults', (clients) => new Ordered('per-destination', clients))).toEqual(new Set())
  })

  test('total: kept where deliveries are made under one lock', async () => {
    const pattern = toy('delivers under one lock')
    expect(await broken(pattern, 'calm', (clients) => new Ordered('total', clients))).toEqual(new Set())
  })

  test('total: not kept by writes that nobody waits for', async () => {
    expect(await broken(toy(), 'calm', (clients) => new Ordered('total', clients))).toEqual(new Set(['order']))
  })
})

describe('isolation', () => {
  test('G2, G4: kept by writes that nobody waits for', async () => {
    expect(await broken(toy(), 'limits', () => new Isolation())).toEqual(new Set())
  })

  test('G4: broken where deliveries are made under one lock', async () => {
    expect(await broken(toy('delivers under one lock'), 'faults', () => new Isolation())).toContain('G4')
  })
})

describe('served', () => {
  test(`G5: whoever handles what it reads at once serves everybody within ${TURNS_MAX} turns`, async () => {
    expect(await broken(toy(), 'calm', () => new Served(TURNS_MAX))).toEqual(new Set())
  })

  test('G5: whoever handles it ten turns later does not', async () => {
    const pattern = toy('handles a chunk ten turns later')
    expect(await broken(pattern, 'calm', () => new Served(TURNS_MAX))).toEqual(new Set(['G5']))
  })
})

/** The clauses of all violations in a number of random worlds. */
async function broken(
  pattern: Pattern,
  kind: WorldKind,
  invariant: (clients: number) => Invariant,
): Promise<Set<string>> {
  const clauses = new Set<string>()
  const router = routerWith(({ clients }) => [invariant(clients.length)])
  const world = (random: Random): World<RouterSay> => randomWorld(random, kind)
  for await (const { outcome } of runSeeds({ start: startOf(router, pattern), world, from: 0, to: RUNS - 1 })) {
    if (outcome.violation) clauses.add(outcome.violation.clause)
  }
  return clauses
}
