import { alsoSeen, diagnose } from '../diagnosis/diagnosis.ts'
import type { CaseResult, Report } from '../running/report.ts'
import type { JudgedBy } from '../running/report.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import { clauseOf } from '../suite.ts'

/** Where a clause stands: `docs/protocol.md#1-wire-format`. */
export function placeOf(suite: JudgedBy, clause: string): string {
  const { section } = clauseOf(suite, clause)
  return `${suite.specification}#${section.toLowerCase().replaceAll(' ', '-')}`
}

/** The title of what is known; an honest one for what is not. */
export function titleOf({ cause }: Diagnosis): string {
  return cause?.title ?? 'Of no cause that is known here'
}

/** `R1.3 (4), R1.4 (2)`. */
export function countByClause(failures: readonly CaseResult[]): string {
  const counts = new Map<string, number>()
  for (const { clause } of failures) counts.set(clause, (counts.get(clause) ?? 0) + 1)
  return [...counts].map(([clause, count]) => (count === 1 ? clause : `${clause} (${count})`)).join(', ')
}

/** The causes of a report's failures; none where nothing could be judged at all, and the summary has said why. */
export function causesOf(report: Report): Diagnosis[] {
  return isOneObstacle(report) ? [] : diagnose(report, report.suite.causes ?? [])
}

/** What else the run shows, though another cause accounts for it, as one sentence without a full stop; empty if nothing. */
export function alsoSeenIn(report: Report): string {
  if (isOneObstacle(report)) return ''
  return alsoSeen(report, report.suite.causes ?? [])
    .map(({ title }) => title)
    .join('; ')
}

/** No case ran at all: no list of cases would add to what the summary says. */
export function isOneObstacle({ results }: Report): boolean {
  return !results.some(({ wire, verdict }) => wire.length > 0 || verdict === 'passed')
}
