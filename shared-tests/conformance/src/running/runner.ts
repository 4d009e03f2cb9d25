import { liveClock } from '@switchyard/core'
import type { Case } from '../case.ts'
import type { Session } from '../session/session.ts'
import { clauseOf } from '../suite.ts'
import type { Suite } from '../suite.ts'
import type { Target } from '../targets/target.ts'
import { Judging } from './judging.ts'
import type { Profile, VerifyOptions } from './options.ts'
import { preflight } from './preflight.ts'
import { conclude } from './report.ts'
import type { CaseResult, Report } from './report.ts'
import { resultOf } from './run-case.ts'

/** Judges a target. Rejects only for misuse (TypeError): every fault of a server is a verdict. */
export async function verify<C extends Session>(
  suite: Suite<C>,
  target: Target,
  options: VerifyOptions<C> = {},
): Promise<Report> {
  const start = liveClock.now()
  const fails = (target.fails ?? []).map((id) => clauseOf(suite, id).id)
  const cases = casesOf(options.cases ?? suite.cases, options.profile)
  const { obstacle, findings, roundTripMs } = await preflight(suite, target, options.signal)
  if (obstacle) {
    const { verdict, clause, message } = obstacle
    const blamed = cases.find((candidate) => candidate.clause === clause)
    const ended = options.signal?.aborted === true
    const results = cases.map((each, i) => {
      const own = !ended && (verdict === 'undecided' || each === blamed)
      const result = own ? resultOf(each, verdict, message) : resultOf(each, 'not-run', `not run: ${message}`)
      options.onProgress?.(result, i + 1, cases.length)
      return result
    })
    const report = conclude(suite, target.name, results, { ms: liveClock.now() - start })
    return { ...report, overall: verdict, summary: message }
  }
  const judged = await new Judging(suite, target, cases, options, { findings, roundTripMs, fails }).run()
  return conclude(suite, target.name, judged.results, {
    unexpectedPasses: unexpectedPasses(judged.results, fails),
    findings: judged.findings,
    ms: liveClock.now() - start,
  })
}

/** Those that a profile includes, in order. */
export function casesOf<C extends Session>(cases: readonly Case<C>[], profile: Profile = 'full'): readonly Case<C>[] {
  return profile === 'basic' ? cases.filter((each) => each.basic) : cases
}

/** Declared failures of which nothing failed. */
function unexpectedPasses(results: readonly CaseResult[], fails: readonly string[]): string[] {
  return fails.filter((clause) => {
    const judged = results.filter((each) => each.clause === clause && each.verdict !== 'not-applicable')
    return judged.length > 0 && judged.every((each) => each.verdict === 'passed')
  })
}
