import type { Pattern } from '@switchyard/core'
import type { SimulatedProtocol } from '@switchyard/sim'
import { planOf, renderPlan } from './plan.ts'
import { runFaults } from './run.ts'
import type { FaultRun } from './run.ts'
import { renderScript, scriptOf } from './script.ts'
import { runScript } from './scripted-run.ts'

/** What a seed chooses: it can be run on any server of its protocol. */
export interface Planned {
  /** For people. */
  readonly text: string
  /** Fit for JSON. */
  readonly plan: object
  run(pattern: Pattern): Promise<FaultRun>
}

/** Of the router: floods of numbered messages of any length, short deadlines, and a ledger of what each client is owed. */
export function routedFaults(seed: number): Planned {
  const plan = planOf(seed)
  const flows = plan.flows.map(({ from, to, count, lengths }) => ({ from, to, count, lengths }))
  return {
    text: renderPlan(plan),
    plan: { ...plan, flows, aside: plan.aside.length },
    run: (pattern) => runFaults(pattern, plan),
  }
}

/** Of any protocol that is simulated: what its clients say there. */
export function scriptedFaults(protocol: SimulatedProtocol<unknown>, seed: number): Planned {
  const script = scriptOf(protocol, seed)
  const clients = script.clients.map(({ name, moves, faults }) => ({ name, moves: moves.length, faults }))
  return {
    text: renderScript(script),
    plan: { seed, healMs: script.healMs, limits: script.limits, clients },
    run: (pattern) => runScript(protocol, pattern, script),
  }
}
