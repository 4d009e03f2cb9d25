import { limitsOf } from '@switchyard/core'
import type { Limits, Pattern, Protocol } from '@switchyard/core'
import { Router } from '@switchyard/protocols/router'
import { Simulation } from '@switchyard/sim'
import type { Choices, SimulationOptions, Start, World } from '@switchyard/sim'
import { invariantsOf } from '../checker/invariants.ts'
import { RouterChecker } from '../checker/router-checker.ts'
import type { Invariant } from '../checker/router-checker.ts'
import { ROUTER_SPEECH } from './speech.ts'
import type { RouterSay } from './speech.ts'

export interface CheckedRun {
  readonly pattern: Pattern
  readonly world: World<RouterSay>
  readonly choices: Choices
  /** Checked beside the clauses; fresh ones for each run. */
  readonly invariants?: readonly Invariant[]
  /** Default: the router. */
  readonly protocol?: (limits: Limits) => Protocol
}

/** What a simulation needs for one checked run of a router. */
export function checked({
  pattern,
  world,
  choices,
  invariants,
  protocol = (limits) => new Router(limits),
}: CheckedRun): SimulationOptions<RouterSay> {
  const checker = new RouterChecker(world, invariants)
  const createProtocol = ({ limits }: World): Protocol => checker.watch(protocol(limitsOf(limits)))
  return { pattern, world, choices, checker, speech: ROUTER_SPEECH, createProtocol }
}

/** Runs of a router by a pattern, which is asked for what it declares. */
export function startOf(pattern: Pattern): Start<RouterSay> {
  return (world, choices) =>
    new Simulation(checked({ pattern, world, choices, invariants: invariantsOf(pattern, world) }))
}
