import type { Pattern, Random } from '@switchyard/core'
import { PATTERNS } from '@switchyard/impls'
import { SCHEDULING_MUTANTS } from '@switchyard/mutants'
import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { inTurn, PctChoices, RandomChoices, renderLog, runSeeds, startOf } from '@switchyard/sim'
import type { Choices } from '@switchyard/sim'

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

/** The runs of all servers, each checked. Nothing here knows where it runs: no import of Node's, no clock, no chance. */
export async function allLogs(): Promise<readonly Log[]> {
  const logs: Log[] = []
  for (const pattern of SERVERS) logs.push(...(await logsOf(pattern)))
  return logs
}

async function logsOf(pattern: Pattern): Promise<readonly Log[]> {
  const logs: Log[] = []
  const runs = {
    start: startOf(SIMULATED_ROUTER, pattern),
    world: inTurn(SIMULATED_ROUTER.worlds),
    choices: choicesOf,
    from: 0,
    to: SEEDS - 1,
  }
  for await (const { seed, outcome } of runSeeds(runs)) {
    logs.push({ name: pattern.name, seed, events: outcome.events.length, text: renderLog(outcome, ROUTER_SPEECH) })
  }
  return logs
}

function choicesOf(_: Random, seed: number): Choices {
  const priorities = Math.floor(seed / SIMULATED_ROUTER.worlds.length) % 2 === 1
  return priorities ? new PctChoices(seed, PCT_CHANGES, PCT_LENGTH_ESTIMATE) : new RandomChoices(seed)
}
