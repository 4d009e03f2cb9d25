import type { Cause, Failures, Like, Sign } from './cause.ts'
import type { CaseResult, Report } from '../running/report.ts'

/** What is likely to be wrong with a server, and the failures that it accounts for. */
export interface Diagnosis {
  /** Undefined for failures that no known cause accounts for. */
  readonly cause: Cause | undefined
  /** In the order of the cases; what shows the cause most plainly comes first. */
  readonly failures: readonly CaseResult[]
}

type Judged = Pick<Report, 'results' | 'findings'>

/**
 * Groups a report's failures by their likely causes, the most useful first. Each failure stands under one cause, the first
 * that accounts for it; what none accounts for comes last.
 */
export function diagnose(report: Judged, causes: readonly Cause[]): Diagnosis[] {
  let open = report.results.filter(isFailure)
  const diagnoses: Diagnosis[] = []
  for (const cause of causes) {
    const signs = shownSigns(cause, report)
    if (!signs) continue
    const [plain, others] = divide(open, (result) => signs.some((sign) => isAbout(sign, result)))
    const [explained, rest] = divide(others, (result) => cause.explains.some((each) => isOf(each, result)))
    const found = signs.some(({ kind }) => kind === 'found') && explained.length > 0
    if (plain.length === 0 && !found && !cause.suspicion) continue
    diagnoses.push({ cause, failures: [...plain, ...explained] })
    open = rest
  }
  return open.length > 0 ? [...diagnoses, { cause: undefined, failures: open }] : diagnoses
}

/** Causes that a run shows and that stand under no heading of their own: another one accounts for the same failures. */
export function alsoSeen(report: Judged, causes: readonly Cause[]): readonly Cause[] {
  const named = new Set(diagnose(report, causes).map(({ cause }) => cause))
  return causes.filter((cause) => cause.apart && !named.has(cause) && shownSigns(cause, report))
}

function shownSigns({ signs }: Cause, report: Judged): readonly Sign[] | undefined {
  return signs.find((each) => each.every((sign) => isShown(sign, report)))
}

function isShown(sign: Sign, { results, findings }: Judged): boolean {
  switch (sign.kind) {
    case 'passes':
      return results.some((result) => result.verdict === 'passed' && result.case === sign.case)
    case 'fails':
    case 'last-words':
      return results.some((result) => isAbout(sign, result))
    case 'found':
      return findings.includes(sign.finding)
  }
}

/** Whether this result is a failure that the sign speaks of. */
function isAbout(sign: Sign, result: CaseResult): boolean {
  if (!isFailure(result)) return false
  switch (sign.kind) {
    case 'fails':
      return isOf(sign, result)
    case 'last-words':
      return sign.says.test(result.lastWords ?? '')
    case 'passes':
    case 'found':
      return false
  }
}

function isFailure({ verdict }: CaseResult): boolean {
  return verdict === 'failed' || verdict === 'flaky'
}

function isOf({ cases, clauses, like, unless = [] }: Failures, result: CaseResult): boolean {
  return (
    (cases?.includes(result.case) ?? true) &&
    (clauses?.includes(result.clause) ?? true) &&
    (like?.some((each) => isLike(each, result)) ?? true) &&
    !unless.some((each) => isLike(each, result))
  )
}

function isLike({ codes, at, received, awaits, by, untaken, exited, cutOff }: Like, result: CaseResult): boolean {
  const { failure, wire } = result
  if (!failure) return false
  if (codes && !codes.includes(failure.code)) return false
  if (at !== undefined && (failure.at === undefined || (failure.at === 0) !== (at === 'first'))) return false
  if (received === 'nothing' && failure.received !== 0) return false
  if (received === 'more' && (failure.received ?? 0) <= (failure.expected ?? 0)) return false
  if (awaits !== undefined) {
    const waits = failure.awaits?.some(
      (each) =>
        each.what === awaits &&
        (by?.includes(each.client) ?? true) &&
        (untaken === undefined || (each.untaken === 0) === (untaken === 'nothing')),
    )
    if (!waits) return false
  }
  if (exited && !failure.exited) return false
  return (
    cutOff === undefined ||
    wire.some((event) => event.client === cutOff && (event.kind === 'fin' || event.kind === 'reset'))
  )
}

function divide<T>(values: readonly T[], first: (value: T) => boolean): [T[], T[]] {
  return [values.filter(first), values.filter((value) => !first(value))]
}
