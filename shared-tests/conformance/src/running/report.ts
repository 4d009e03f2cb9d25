import type { Suite } from '../suite.ts'
import type { Failure } from '../failed.ts'
import type { WireEvent } from '../session/wire-log.ts'

/**
 * `failed-as-declared`: somebody said so before, the target itself or a file of expectations; `flaky`: of several runs some
 * passed and some failed; `not-applicable`: the target does not offer what the case needs; `not-run`: the run ended before;
 * `undecided`: no server could be reached.
 */
export type Verdict = 'passed' | 'failed' | 'failed-as-declared' | 'flaky' | 'not-applicable' | 'not-run' | 'undecided'

export interface CaseResult {
  readonly clause: string
  /** Its id. */
  readonly case: string
  /** Its sentence. */
  readonly name: string
  readonly verdict: Verdict
  /** Why; empty for a pass. Of several runs, the first that failed. */
  readonly message: string
  /** The same as data, of a case that failed by itself. */
  readonly failure?: Failure
  /** What its server had to say: who waits for whom, the last lines of stderr. Part of the message, too. */
  readonly lastWords?: string
  /** Time of all its runs, ms. */
  readonly ms: number
  /** What the case's clients sent and received, in the run that `message` is about; empty where none connected. */
  readonly wire: readonly WireEvent[]
  /** Where the case was run more than once. */
  readonly runs?: Runs
}

export interface Runs {
  readonly count: number
  readonly failed: number
}

/** How a whole run ended; the exit codes 0, 1 and 2, in this order. */
export type Overall = 'passed' | 'failed' | 'undecided'

/** What a report tells of its suite. */
export type JudgedBy = Pick<Suite, 'name' | 'specification' | 'clauses' | 'causes'>

export interface Report {
  readonly suite: JudgedBy
  readonly target: string
  readonly overall: Overall
  /** One sentence for whoever reads no further. */
  readonly summary: string
  readonly results: readonly CaseResult[]
  /** Declared failures that did not fail: the declaration is wrong, and so is the verdict. */
  readonly unexpectedPasses: readonly string[]
  /** What was found out beside the cases, for signs to name. */
  readonly findings: readonly string[]
  /** How long it took; 0 where nobody measured. */
  readonly ms: number
}

/** Sums up results. `unexpectedPasses` are failures too. */
export function conclude(
  suite: JudgedBy,
  target: string,
  results: readonly CaseResult[],
  { unexpectedPasses = [], findings = [], ms = 0 }: Partial<Pick<Report, 'unexpectedPasses' | 'findings' | 'ms'>> = {},
): Report {
  const count = (...verdicts: Verdict[]): number => results.filter(({ verdict }) => verdicts.includes(verdict)).length
  const clausesOf = (verdict: Verdict): string =>
    [...new Set(results.filter((each) => each.verdict === verdict).map(({ clause }) => clause))].join(', ')
  const kept = count('passed', 'failed-as-declared')
  const wrong = count('failed', 'flaky') > 0 || unexpectedPasses.length > 0
  const overall = wrong ? 'failed' : count('undecided', 'not-run') > 0 || kept === 0 ? 'undecided' : 'passed'
  const parts = [
    `${count('passed')} passed`,
    count('failed') > 0 ? `${count('failed')} failed (${clausesOf('failed')})` : '',
    count('flaky') > 0 ? `${count('flaky')} flaky (${clausesOf('flaky')})` : '',
    count('failed-as-declared') > 0
      ? `${count('failed-as-declared')} failed as declared (${clausesOf('failed-as-declared')})`
      : '',
    unexpectedPasses.length > 0 ? `declared to fail, but passed: ${unexpectedPasses.join(', ')}` : '',
    count('not-applicable') > 0 ? `${count('not-applicable')} not applicable` : '',
    count('not-run') > 0 ? `${count('not-run')} not run` : '',
    count('undecided') > 0 ? `${count('undecided')} undecided` : '',
  ]
  const summary = parts.filter((part) => part !== '').join(', ')
  return { suite, target, overall, summary, results, unexpectedPasses, findings, ms }
}
