import type { CaseResult } from './report.ts'

/**
 * Several runs of one case as one result. Whatever hinders any of them (no server, the end of the whole run) hinders the
 * verdict.
 */
export function repeated(first: CaseResult, runs: readonly CaseResult[]): CaseResult {
  if (runs.length === 1) return first
  const hindered = runs.find(({ verdict }) => verdict !== 'passed' && verdict !== 'failed')
  if (hindered) return hindered
  const failures = runs.filter(({ verdict }) => verdict === 'failed')
  const failed = failures.length
  return {
    ...(failures[0] ?? first),
    verdict: failed === 0 ? 'passed' : failed === runs.length ? 'failed' : 'flaky',
    ms: runs.reduce((sum, { ms }) => sum + ms, 0),
    runs: { count: runs.length, failed },
  }
}
