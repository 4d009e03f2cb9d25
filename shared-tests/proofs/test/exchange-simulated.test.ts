/** The exchange on the five, under random orders of events: what a pattern declares of time and of commits holds, and what it does not declare is paid. */
import type { Guarantee } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SIMULATED_EXCHANGE } from '@switchyard/protocols/exchange/simulated'
import { inTurn, runSeeds, startOf } from '@switchyard/sim'
import type { Start } from '@switchyard/sim'
import { declaring } from '@switchyard/simulated'
import { expect, test } from 'vitest'

/** Not the proof of what holds: that is a long run of `switchyard explore`. */
const SEEDS = 150
/** For what does not hold: the first that shows it ends the search. */
const PRICE_SEEDS = 1_000

const PRICES = PATTERNS.flatMap((pattern) =>
  (['G10', 'G11'] as const).filter((id) => !pattern.guarantees[id]).map((id) => [pattern.name, id, pattern] as const),
)

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
  expect(await violation(startOf(SIMULATED_EXCHANGE, pattern), SEEDS)).toBe(undefined)
})

test.each(PRICES)('%s pays with %s', async (_, id: Guarantee, pattern) => {
  expect(await violation(startOf(SIMULATED_EXCHANGE, declaring({ pattern }, [id]).pattern), PRICE_SEEDS)).toBe(id)
})

/** The clause that the first run breaks that breaks one. */
async function violation(
  start: Start<Parameters<typeof SIMULATED_EXCHANGE.speech.encode>[0]>,
  seeds: number,
): Promise<string | undefined> {
  const world = inTurn(SIMULATED_EXCHANGE.worlds)
  for await (const { seed, outcome } of runSeeds({ start, world, from: 1, to: seeds })) {
    if (outcome.violation) {
      console.info(`seed ${seed}: ${outcome.violation.message}`)
      return outcome.violation.clause
    }
  }
  return undefined
}
