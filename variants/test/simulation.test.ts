/** Every variant under random orders of events: it keeps what it declares, and it pays what it says that it pays. */
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { GUARANTEES } from '@switchyard/core'
import type { Guarantee, Pattern } from '@switchyard/core'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import { describe, expect, it } from 'vitest'
import { VARIANTS } from '../src/index.ts'

const RUNS = 400
const TEST_MS = 60_000

/** What a run without mercy finds of each, beside what it fails: prices that can be seen without a clock. */
const PRICES: Readonly<Record<string, readonly string[]>> = {
  plain: ['R5.3', 'R5.4'],
  'await-per-message': ['G4'],
  'one-message-per-read': ['G1', 'G4', 'R3.4'],
  'task-per-message': ['R5.4'],
  'unbounded-reactor': ['R5.4'],
  'dropping-mailboxes': ['R3.4'],
}

describe.each(VARIANTS.map((pattern) => [pattern.name, pattern] as const))('%s', (name, pattern) => {
  it(
    `breaks nothing in ${RUNS} random runs that it does not declare to fail`,
    async () => {
      const found = await violations(pattern)
      expect([...found].filter(([clause]) => !isDeclared(pattern, clause))).toEqual([])
    },
    TEST_MS,
  )

  const prices = PRICES[name] ?? []
  if (prices.length > 0)
    it(
      `pays ${prices.join(', ')} when it is asked for everything`,
      async () => {
        expect([...(await violations(demanding(pattern))).keys()]).toEqual(expect.arrayContaining([...prices]))
      },
      TEST_MS,
    )

  if (pattern.order === 'per-destination')
    it(
      'keeps no total order: nothing is declared too low',
      async () => {
        expect([...(await violations({ ...pattern, order: 'total' })).keys()]).toContain('order')
      },
      TEST_MS,
    )
})

it('every clause or guarantee of a table of prices is one that the variant declares', () => {
  for (const { name, ...pattern } of VARIANTS) {
    for (const price of PRICES[name] ?? [])
      expect(isDeclared({ name, ...pattern }, price), `${name}: ${price}`).toBe(true)
  }
})

/** By clause, the first of all violations, with the seed that leads there. */
async function violations(pattern: Pattern): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const runs = {
    start: startOf(SIMULATED_ROUTER, pattern),
    world: inTurn(SIMULATED_ROUTER.worlds),
    from: 0,
    to: RUNS - 1,
  }
  for await (const { seed, outcome } of runSeeds(runs)) {
    const { violation } = outcome
    if (violation && !found.has(violation.clause)) found.set(violation.clause, `seed ${seed}: ${violation.message}`)
  }
  return found
}

function demanding(pattern: Pattern): Pattern {
  return { ...pattern, guarantees: { ...pattern.guarantees, G1: true, G2: true, G4: true, G5: true } }
}

function isDeclared({ fails, guarantees }: Pattern, clause: string): boolean {
  if (isGuarantee(clause)) return !guarantees[clause]
  return fails?.includes(clause) ?? false
}

function isGuarantee(clause: string): clause is Guarantee {
  return GUARANTEES.some((guarantee) => guarantee === clause)
}
