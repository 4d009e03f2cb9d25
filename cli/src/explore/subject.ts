import { factsOf, judged } from '@switchyard/shared-tests/simulated'
import { Simulation } from '@switchyard/sim'
import type { Start, Violation } from '@switchyard/sim'
import type { Known, KnownMutant } from '../patterns.ts'

/** Puts a server into a world, with a judge that asks for what it declares. */
export function startOf({ pattern }: Known): Start {
  return (world, choices) => new Simulation(judged({ pattern, world, choices, facts: factsOf(pattern, world) }))
}

/** Whether a violation counts: of a mutant the one that its header names, of a server any that it does not declare. */
export function counts(known: Known | KnownMutant, { clause }: Violation): boolean {
  return 'seenBy' in known ? clause === known.seenBy : !known.pattern.fails?.includes(clause)
}
