import type { CaseResult, JudgedBy } from '../running/report.ts'
import { clauseOf, sectionsOf } from '../suite.ts'

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

export function countBySection(suite: JudgedBy, results: readonly CaseResult[]): SectionCount[] {
  return sectionsOf(suite).map((section) => {
    const own = results.filter(({ clause }) => clauseOf(suite, clause).section === section)
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
