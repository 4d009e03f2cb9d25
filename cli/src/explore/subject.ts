import type { Guarantee } from '@switchyard/core'
import { GUARANTEES } from '@switchyard/core'
import { factsOf, judged } from '@switchyard/simulated'
import { Simulation } from '@switchyard/sim'
import type { Start, Violation } from '@switchyard/sim'
import type { Known, KnownMutant } from '../patterns.ts'

/** Puts a server into a world, with a judge that asks for what it declares. */
export function startOf({ pattern }: Known): Start {
  return (world, choices) => new Simulation(judged({ pattern, world, choices, facts: factsOf(pattern, world) }))
}

/** The same server, of which more is asked than it promises. */
export function declaring({ pattern, file }: Known, more: readonly Guarantee[]): Known {
  const guarantees = { ...pattern.guarantees }
  for (const guarantee of more) guarantees[guarantee] = true
  return { pattern: { ...pattern, guarantees }, file }
}

/** Whether a violation counts: of a mutant the one that its header names, of a server any that it does not declare. */
export function counts(known: Known | KnownMutant, { clause }: Violation): boolean {
  if ('seenBy' in known) return clause === known.seenBy
  const { fails, guarantees } = known.pattern
  const price = GUARANTEES.some((guarantee) => guarantee === clause && !guarantees[guarantee])
  return !price && !fails?.includes(clause)
}
