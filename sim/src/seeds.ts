import { Random } from '@switchyard/core'
import { RandomChoices, Recording } from './choices.ts'
import type { Choices, Schedule } from './choices.ts'
import type { Outcome } from './events.ts'
import type { Simulation } from './simulation.ts'
import type { World } from './world.ts'

/** Puts a server into a world, with a checker of its own, for one run. */
export type Start<Say> = (world: World<Say>, choices: Choices) => Simulation<Say>

export interface Seeds<Say> {
  readonly start: Start<Say>
  /** The world of each seed. `random` has been made from that seed. */
  readonly world: (random: Random, seed: number) => World<Say>
  /** The choices in that world; `random` is the same, behind the world. Default: every answer equally likely. */
  readonly choices?: (random: Random, seed: number) => Choices
  readonly from: number
  /** The last one, included. */
  readonly to: number
}

export interface SeededRun<Say> {
  readonly seed: number
  readonly world: World<Say>
  readonly schedule: Schedule
  readonly outcome: Outcome<Say>
}

/** Runs one seed after the other for as long as the caller goes on. A seed makes the same run on every machine. */
export async function* runSeeds<Say>({
  start,
  world,
  choices = dice,
  from,
  to,
}: Seeds<Say>): AsyncGenerator<SeededRun<Say>> {
  for (let seed = from; seed <= to; seed++) {
    const random = new Random(seed)
    const given = world(random, seed)
    const recording = new Recording(choices(random, seed))
    const outcome = await start(given, recording).run()
    yield { seed, world: given, schedule: recording.schedule, outcome }
  }
}

function dice(random: Random): Choices {
  return new RandomChoices(random.below(2 ** 32))
}

/** For each seed the next kind of world. */
export function inTurn<Say>(kinds: readonly ((random: Random) => World<Say>)[]): Seeds<Say>['world'] {
  return (random, seed) => kinds[seed % kinds.length]!(random)
}

/** For each seed a kind of world by chance. */
export function drawn<Say>(kinds: readonly ((random: Random) => World<Say>)[]): Seeds<Say>['world'] {
  return (random) => kinds[random.below(kinds.length)]!(random)
}
