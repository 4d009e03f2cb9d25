import type { Cell, Stressed } from '@switchyard/stress'
import { judgeAgainst, renderComplaint } from '@switchyard/conformance/expectations'
import type { Expectation, Expectations, Outcome } from '@switchyard/conformance/expectations'

/** What was measured, held against a file. */
export interface ExpectedStress extends Stressed {
  /** Why what does not hold is no failure. */
  readonly excuses: ReadonlyMap<Cell, Expectation>
  /** Entries that do not fit any more; each of them is a failure. */
  readonly complaints: readonly string[]
}

/**
 * Where the file has an entry, that counts, whatever the server declares. Where it has none, a server's own declaration
 * counts; one that declares nothing has to keep everything. Entries for guarantees that were not asked for are left alone.
 */
export function expecting({ cells, trials }: Stressed, expectations: Expectations): ExpectedStress {
  const asked = expectations.filter(({ subject }) => cells.some(({ guarantee }) => guarantee === subject))
  const outcomes = cells.map((cell) => ({ subjects: [cell.guarantee], outcome: outcomeOf(cell), cell }))
  const { excused, complaints } = judgeAgainst(asked, outcomes, ['guarantee'])
  const excuses = new Map<Cell, Expectation>()
  const judged = cells.map((cell, index): Cell => {
    const excuse = excused.get(outcomes[index]!)
    const entry = asked.find(({ subject }) => subject === cell.guarantee)
    const expected = { ...cell, ok: excuse !== undefined || isRight(cell, entry) }
    if (excuse) excuses.set(expected, excuse)
    return expected
  })
  const undecided = new Set<string>(
    cells.filter(({ verdict }) => verdict === 'undecided').map((cell) => cell.guarantee),
  )
  // An entry that could not be judged this time is not known to be of no use.
  const certain = complaints.filter(({ kind, expectation }) => kind !== 'unused' || !undecided.has(expectation.subject))
  return { cells: judged, trials, excuses, complaints: certain.map(renderComplaint) }
}

function isRight({ verdict, declared, ok }: Cell, entry: Expectation | undefined): boolean {
  if (!entry && declared !== null) return ok
  return verdict === 'holds' || verdict === 'not-applicable'
}

function outcomeOf({ verdict }: Cell): Outcome['outcome'] {
  switch (verdict) {
    case 'holds':
      return 'passed'
    case 'price-paid':
    case 'broken':
      return 'failed'
    case 'undecided':
    case 'not-applicable':
      return 'open'
  }
}
