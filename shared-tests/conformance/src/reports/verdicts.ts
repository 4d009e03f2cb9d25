import { clauseOf, CLAUSES } from '../clauses.ts'
import type { CaseResult } from '../running/report.ts'

/** The specification's sections, in order: `1 Wire format`. */
export const SECTIONS: readonly string[] = [...new Set(CLAUSES.map(({ section }) => section))]

/** How the cases of one section came out. */
export interface SectionCount {
  readonly section: string
  readonly passed: number
  readonly failed: number
  readonly flaky: number
  readonly failedAsDeclared: number
  readonly notApplicable: number
  /** Not run, or undecided. */
  readonly open: number
}

export function countBySection(results: readonly CaseResult[]): SectionCount[] {
  return SECTIONS.map((section) => {
    const own = results.filter(({ clause }) => clauseOf(clause).section === section)
    const count = (...verdicts: CaseResult['verdict'][]): number =>
      own.filter(({ verdict }) => verdicts.includes(verdict)).length
    return {
      section,
      passed: count('passed'),
      failed: count('failed'),
      flaky: count('flaky'),
      failedAsDeclared: count('failed-as-declared'),
      notApplicable: count('not-applicable'),
      open: count('not-run', 'undecided'),
    }
  })
}
