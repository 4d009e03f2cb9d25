import type { Guarantee, Pattern } from '@switchyard/core'

/** A server with one planted fault. */
export interface Mutant {
  readonly pattern: Pattern
  /** The clause or guarantee that it breaks, as its header says: the check that must catch it. */
  readonly seenBy: Guarantee | `R${number}.${number}`
  /** The id of the conformance case that catches it; absent where it takes a certain order of events, which the simulator finds. */
  readonly case?: string
  /** A part of what is reported when it is caught: it is caught for this and not for something else. */
  readonly reason: string
}
