import { conclude } from '../running/report.ts'
import type { CaseResult, Report, Verdict } from '../running/report.ts'
import { judgeAgainst, renderComplaint } from './judge.ts'
import type { Outcome } from './judge.ts'
import type { Expectation, Expectations } from './read.ts'

/** A report in which what was expected to fail has failed as declared. */
export interface ExpectedReport extends Report {
  /** Why what is about to be read as a failure is none, by case. */
  readonly excuses: ReadonlyMap<string, Expectation>
  /** Entries that do not fit any more; each of them is a failure. */
  readonly complaints: readonly string[]
}

/** Holds a report against a file of expectations. */
export function expecting(report: Report, expectations: Expectations): ExpectedReport {
  const outcomes = report.results.map((result) => ({
    subjects: [result.case, result.clause],
    outcome: outcomeOf(result.verdict),
    result,
  }))
  const { excused, complaints } = judgeAgainst(expectations, outcomes, ['case', 'clause'])
  if (excused.size === 0 && complaints.length === 0) return { ...report, excuses: new Map(), complaints: [] }
  const excuses = new Map([...excused].map(([{ result }, expectation]) => [result.case, expectation]))
  const results = report.results.map((result): CaseResult =>
    excuses.has(result.case) ? { ...result, verdict: 'failed-as-declared' } : result,
  )
  const concluded = conclude(report.suite, report.target, results, report)
  const nothingJudged = outcomes.every(({ outcome }) => outcome === 'open')
  if (nothingJudged || complaints.length === 0) {
    return {
      ...concluded,
      ...(nothingJudged && { overall: report.overall, summary: report.summary }),
      excuses,
      complaints: [],
    }
  }
  return {
    ...concluded,
    overall: 'failed',
    summary: `${concluded.summary}; ${complaints.length} of the expectations ${complaints.length === 1 ? 'does' : 'do'} not fit`,
    excuses,
    complaints: complaints.map(renderComplaint),
  }
}

function outcomeOf(verdict: Verdict): Outcome['outcome'] {
  switch (verdict) {
    case 'passed':
    case 'flaky':
    case 'failed':
      return verdict
    case 'failed-as-declared':
      return 'failed'
    case 'not-applicable':
    case 'not-run':
    case 'undecided':
      return 'open'
  }
}
