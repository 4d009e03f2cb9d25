import { CONNECTION_MUTANTS, ROUTER_MUTANTS, SCHEDULING_MUTANTS } from '@switchyard/mutants'
import type { Mutant } from '@switchyard/mutants'
import { distance } from 'fastest-levenshtein'
import { Misuse } from './exit.ts'
import { NAMES, PATTERNS, VARIANTS } from './patterns.ts'
import type { Known } from './patterns.ts'

/** A server with a planted fault: it can be run like any other, and is to be found out. */
export interface KnownMutant extends Known {
  readonly seenBy: Mutant['seenBy']
  /** The conformance case that sees it; absent where it takes a certain order of events. */
  readonly case?: string
}

/** Those whose fault shows only in some orders of events. */
export const MUTANTS: readonly KnownMutant[] = SCHEDULING_MUTANTS.map((mutant) =>
  knownMutant(mutant, 'shared-tests/mutants/src'),
)

/** Those that a conformance case sees. */
export const PLAIN_MUTANTS: readonly KnownMutant[] = [
  ...ROUTER_MUTANTS.map((mutant) => knownMutant(mutant, 'shared-tests/mutants/src/router')),
  ...CONNECTION_MUTANTS.map((mutant) => knownMutant(mutant, 'shared-tests/mutants/src/connections')),
]

function knownMutant({ pattern, seenBy, case: seenIn }: Mutant, folder: string): KnownMutant {
  return { pattern, seenBy, file: `${folder}/${pattern.name}.ts`, ...(seenIn !== undefined && { case: seenIn }) }
}

/** Throws Misuse, with the nearest name, for one that nobody has. */
export function known(name: string): Known | KnownMutant {
  const all = [...PATTERNS, ...VARIANTS, ...MUTANTS, ...PLAIN_MUTANTS]
  const found = all.find(({ pattern }) => pattern.name === name)
  if (found) return found
  const names = all.map(({ pattern }) => pattern.name)
  const [nearest] = names.toSorted((a, b) => distance(name, a) - distance(name, b))
  const hint =
    nearest !== undefined && distance(name, nearest) <= nearest.length / 2 ? ` Did you mean "${nearest}"?` : ''
  throw new Misuse(
    `There is no pattern "${name}".${hint} There are: ${NAMES.join(', ')}; and the mutants, a file each in shared-tests/mutants/src.`,
  )
}

/** The same for another protocol than the router, whose clauses name the faults of all mutants. Throws Misuse for one of those. */
export function withoutFault(name: string, protocol: string): Known {
  const subject = known(name)
  if (!('seenBy' in subject)) return subject
  throw new Misuse(
    `"${name}" has a fault that a clause of the router's names; with --protocol ${protocol} it can't be judged.`,
  )
}
