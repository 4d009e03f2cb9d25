import { Random } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SCHEDULING_MUTANTS } from '@switchyard/mutants'
import { factsOf, judged, randomWorld, WORLD_KINDS } from '@switchyard/simulated'
import { PctChoices, RandomChoices, renderLog, Simulation } from '@switchyard/sim'

/** One run of one server. */
export interface Log {
  readonly name: string
  readonly seed: number
  readonly events: number
  /** As `renderLog` has it: what must be the same everywhere. */
  readonly text: string
}

/** The five, and every server with a planted fault that shows only in some orders of events. */
export const SERVERS: readonly Pattern[] = [...PATTERNS, ...SCHEDULING_MUTANTS.map(({ pattern }) => pattern)]

/** For each server; one after the other they go through all kinds of world, half with dice and half with priorities. */
export const SEEDS = 40

const PCT_CHANGES = 3
const PCT_LENGTH_ESTIMATE = 64

/** The runs of all servers, each judged. Nothing here knows where it runs: no import of Node's, no clock, no chance. */
export async function allLogs(): Promise<readonly Log[]> {
  const logs: Log[] = []
  for (const pattern of SERVERS) for (let seed = 0; seed < SEEDS; seed++) logs.push(await logOf(pattern, seed))
  return logs
}

async function logOf(pattern: Pattern, seed: number): Promise<Log> {
  const random = new Random(seed)
  const world = randomWorld(random, WORLD_KINDS[seed % WORLD_KINDS.length] ?? 'calm')
  const priorities = Math.floor(seed / WORLD_KINDS.length) % 2 === 1
  const choices = priorities ? new PctChoices(seed, PCT_CHANGES, PCT_LENGTH_ESTIMATE) : new RandomChoices(seed)
  const outcome = await new Simulation(judged({ pattern, world, choices, facts: factsOf(pattern, world) })).run()
  return { name: pattern.name, seed, events: outcome.events.length, text: renderLog(outcome) }
}
