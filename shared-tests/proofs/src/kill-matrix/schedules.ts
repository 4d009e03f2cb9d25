import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import type { Pattern } from '@switchyard/core'
import { drawn, runSeeds, startOf } from '@switchyard/sim'
import { speaksOf } from './matrix.ts'
import type { Kill, Sight } from './matrix.ts'

/** The name of this check in a header. */
export const SCHEDULES = 'random schedules'
/** The rarest of the faults that only some orders of events show has been found after fewer than 200 of them. */
const SCHEDULES_MAX = 1_000

/** Looks for what a sight speaks of under one order of events after the other; undefined if none of them shows it. */
export async function scheduled(pattern: Pattern, { column, reason }: Sight): Promise<Kill | undefined> {
  const world = drawn(SIMULATED_ROUTER.worlds)
  for await (const { outcome } of runSeeds({
    start: startOf(SIMULATED_ROUTER, pattern),
    world,
    from: 0,
    to: SCHEDULES_MAX - 1,
  })) {
    const { violation } = outcome
    if (violation?.clause === column && speaksOf(violation.message, reason)) {
      return { column, by: SCHEDULES, message: violation.message }
    }
  }
  return undefined
}
