import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Pattern } from '@switchyard/core'
import { runCase } from '@switchyard/conformance'
import type { Case, Target } from '@switchyard/conformance'
import { simulated } from '@switchyard/simulated'
import { Hasty } from './hasty.ts'
import type { Kill } from './matrix.ts'

/** Seed of the order of events: with this one, what is declared to fail shows. */
const SEED = 2

/** On a simulated network nothing that is on its way stands still for so long, however busy this machine is, ms. */
const STILL_MS = 1_000
const AT_A_TIME = 8

/** Runs cases of the conformance suite on the simulated network; answers with those that fail. */
export async function conformance(pattern: Pattern, cases: readonly Case[]): Promise<readonly Kill[]> {
  return failures(simulated(ROUTER, pattern, { seed: SEED }), cases)
}

/** The same, much faster where cases wait for what never comes. They are cut off, so that what is reported may be that. */
export async function hastyConformance(pattern: Pattern, cases: readonly Case[]): Promise<readonly Kill[]> {
  const target = simulated(ROUTER, pattern, { seed: SEED })
  return failures({ ...target, open: async (limits) => new Hasty(await target.open(limits)).site }, cases)
}

async function failures(target: Target, cases: readonly Case[]): Promise<readonly Kill[]> {
  const kills: Kill[] = []
  const waiting = [...cases]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { verdict, clause, message } = await runCase(ROUTER, target, next, { stillMs: STILL_MS })
      if (verdict === 'passed') continue
      kills.push({ column: clause, by: next.id, message: message.split('\n  server:')[0] ?? '' })
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  return kills
}
