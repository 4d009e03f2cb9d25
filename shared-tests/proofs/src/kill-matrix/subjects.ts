import { COMMON_GUARANTEES } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { CONNECTION_MUTANTS, ROUTER_MUTANTS, SCHEDULING_MUTANTS } from '@switchyard/mutants'
import type { Mutant } from '@switchyard/mutants'
import { VARIANTS } from '@switchyard/variants'
import { DECLARED, PRICES } from './declared.ts'
import { COLUMNS } from './matrix.ts'
import type { Column, Row, Sight } from './matrix.ts'
import { PROBE } from './probes.ts'
import { SCHEDULES } from './schedules.ts'

export interface Subject {
  readonly row: Row
  readonly pattern: Pattern
}

/** Every server that is wrong on purpose, and every one that says of itself where it is. */
export function subjects(): readonly Subject[] {
  return [
    ...ROUTER_MUTANTS.map((mutant) => ofMutant(mutant, 'shared-tests/mutants/src/router')),
    ...CONNECTION_MUTANTS.map((mutant) => ofMutant(mutant, 'shared-tests/mutants/src/connections')),
    ...SCHEDULING_MUTANTS.map((mutant) => ofMutant(mutant, 'shared-tests/mutants/src')),
    ...VARIANTS.map(ofVariant),
  ]
}

function ofMutant({ pattern, seenBy, case: by = SCHEDULES, reason }: Mutant, folder: string): Subject {
  const sight: Sight = { column: columnOf(seenBy), by, reason }
  return { pattern, row: { name: pattern.name, kind: 'mutant', file: `${folder}/${pattern.name}.ts`, sights: [sight] } }
}

/** Throws TypeError for a declared failure of which nobody has said how it shows. */
function ofVariant(pattern: Pattern): Subject {
  const { name, fails = [], guarantees } = pattern
  const failures = fails.map((clause): Sight => {
    const declared = DECLARED[name]?.find(({ column }) => column === clause)
    if (declared) return declared
    throw new TypeError(`${name} declares that it fails ${clause}: name the case that shows it, in declared.ts`)
  })
  const paid = COMMON_GUARANTEES.filter((id) => !guarantees[id])
  const prices = paid.map((column): Sight => ({ column, by: PROBE, reason: PRICES[column] }))
  return { pattern, row: { name, kind: 'variant', file: `variants/src/${name}.ts`, sights: [...failures, ...prices] } }
}

function columnOf(id: string): Column {
  const column = COLUMNS.find((each) => each === id)
  if (column === undefined) throw new TypeError(`there is no clause and no guarantee ${id} that binds a server`)
  return column
}
