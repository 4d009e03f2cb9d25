/** The exchange on the five, under random orders of events: what a pattern declares of time and of commits holds, and what it does not declare is paid. */
import { Random } from '@switchyard/core'
import type { Guarantee, Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SIMULATED_EXCHANGE } from '@switchyard/protocols/exchange/simulated'
import { decodeRun, encodeRun, inTurn, runSeeds, ScheduleChoices, startOf } from '@switchyard/sim'
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

test('a run of each kind of world comes back from its line', () => {
  const { speech, worlds } = SIMULATED_EXCHANGE
  for (const world of worlds) {
    const run = { pattern: 'reactor', world: world(new Random(1)), schedule: [1, 0, 2] }
    expect(decodeRun(encodeRun(run, speech), speech).world.clients).toEqual(run.world.clients)
  }
})

test('what a step decides may leave the end of a slab empty, within the bound of R5.4', async () => {
  const orders = Array.from({ length: 10 }, (_, index) => `e.t${index + 1}.B.1.1.false`).join(',')
  const world = 'r96,s256,w,p,m1024,q1024,windowBytes=4096'
  const line = `sim2:exchange:channel-per-writer:${world}:l.0,e.t0.B.1.1.false,s,${orders}:010@17,10011:bfq0`
  expect(await replayed(line, patternCalled('channel-per-writer'))).toBe(undefined)
})

test('a reactor that keeps twice as much as it is told to breaks R5.4', async () => {
  const reactor = patternCalled('reactor')
  const generous: Pattern = {
    ...reactor,
    serve: (protocol, listener, options) =>
      reactor.serve(protocol, listener, { ...options, queuedBytesMax: 2 * (options?.queuedBytesMax ?? 2 ** 20) }),
  }
  expect(await violation(startOf(SIMULATED_EXCHANGE, generous), PRICE_SEEDS)).toBe('R5.4')
})

function patternCalled(name: string): Pattern {
  const pattern = PATTERNS.find((each) => each.name === name)
  if (!pattern) throw new Error(`there is no pattern ${name}`)
  return pattern
}

/** The clause that the run of a line breaks. */
async function replayed(line: string, pattern: Pattern): Promise<string | undefined> {
  const { world, schedule } = decodeRun(line, SIMULATED_EXCHANGE.speech)
  const { violation: found } = await startOf(SIMULATED_EXCHANGE, pattern)(world, new ScheduleChoices(schedule)).run()
  return found?.clause
}

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
