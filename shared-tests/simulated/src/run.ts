import { limitsOf } from '@switchyard/core'
import type { Limits, Pattern, Protocol } from '@switchyard/core'
import { Router } from '@switchyard/protocols/router'
import type { Choices, SimulationOptions, World } from '@switchyard/sim'
import { RouterJudge } from './judge/judge.ts'
import type { Fact } from './judge/judge.ts'
import { ROUTER_WIRE } from './wire.ts'

export interface JudgedRun {
  readonly pattern: Pattern
  readonly world: World
  readonly choices: Choices
  /** Judged beside the clauses; fresh ones for each run. */
  readonly facts?: readonly Fact[]
  /** Default: the router. */
  readonly protocol?: (limits: Limits) => Protocol
}

/** What a simulation needs for one judged run of a router. */
export function judged({
  pattern,
  world,
  choices,
  facts,
  protocol = (limits) => new Router(limits),
}: JudgedRun): SimulationOptions {
  const judge = new RouterJudge(world, facts)
  const createProtocol = (limits: World['limits']): Protocol => judge.watch(protocol(limitsOf(limits)))
  return { pattern, world, choices, judge, wire: ROUTER_WIRE, createProtocol }
}
