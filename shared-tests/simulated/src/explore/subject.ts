import type { Guarantee, Pattern } from '@switchyard/core'
import { GUARANTEES } from '@switchyard/core'
import type { Violation } from '@switchyard/sim'

export interface Explorable {
  readonly pattern: Pattern
}

/** One with a planted fault. */
export interface Faulty extends Explorable {
  /** The clause or guarantee that it is to violate. */
  readonly seenBy: string
}

/** The same server, of which more is asked than it promises. */
export function declaring({ pattern }: Explorable, more: readonly Guarantee[]): Explorable {
  const guarantees = { ...pattern.guarantees }
  for (const guarantee of more) guarantees[guarantee] = true
  return { pattern: { ...pattern, guarantees } }
}

/** Whether a violation counts: of a mutant the one that its header names, of a server any that it does not declare. */
export function counts(known: Explorable | Faulty, { clause }: Violation): boolean {
  if ('seenBy' in known) return clause === known.seenBy
  const { fails, guarantees } = known.pattern
  const price = GUARANTEES.some((guarantee) => guarantee === clause && !guarantees[guarantee])
  return !price && !fails?.includes(clause)
}
