import type { Guarantee, Pattern } from '@switchyard/core'

/** A server with one planted fault. */
export interface Mutant {
  readonly pattern: Pattern
  /** The clause or guarantee that it breaks, as its header says: the check that must catch it. */
  readonly seenBy: Guarantee | `R${number}.${number}`
}
