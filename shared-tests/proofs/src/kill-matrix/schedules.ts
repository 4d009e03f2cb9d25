import { Random } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { factsOf, judged, randomWorld, WORLD_KINDS } from '@switchyard/simulated'
import { RandomChoices, Simulation } from '@switchyard/sim'
import { speaksOf } from './matrix.ts'
import type { Kill, Sight } from './matrix.ts'

/** The name of this check in a header. */
export const SCHEDULES = 'random schedules'
/** The rarest of the faults that only some orders of events show has been found after fewer than 200 of them. */
const SCHEDULES_MAX = 1_000

/** Looks for what a sight speaks of under one order of events after the other; undefined if none of them shows it. */
export async function scheduled(pattern: Pattern, { column, reason }: Sight): Promise<Kill | undefined> {
  for (let seed = 0; seed < SCHEDULES_MAX; seed++) {
    const random = new Random(seed)
    const world = randomWorld(random, WORLD_KINDS[random.below(WORLD_KINDS.length)] ?? 'calm')
    const choices = new RandomChoices(random.below(2 ** 32))
    const facts = factsOf(pattern, world)
    const { violation } = await new Simulation(judged({ pattern, world, choices, facts })).run()
    if (violation?.clause === column && speaksOf(violation.message, reason)) {
      return { column, by: SCHEDULES, message: violation.message }
    }
  }
  return undefined
}
