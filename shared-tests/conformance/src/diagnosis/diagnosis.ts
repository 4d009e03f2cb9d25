import type { Cause, Explained, Sign } from './cause.ts'
import type { CaseResult, Report } from '../running/report.ts'

/** What is likely to be wrong with a server, and the failures that it accounts for. */
export interface Diagnosis {
  /** Undefined for failures that no known cause accounts for. */
  readonly cause: Cause | undefined
  /** In the order of the cases; what shows the cause most plainly comes first. */
  readonly failures: readonly CaseResult[]
}

/**
 * Groups a report's failures by their likely causes, the most useful first. Each failure stands under one cause, the first
 * that accounts for it; what none accounts for comes last.
 */
export function diagnose(report: Pick<Report, 'results' | 'findings'>, causes: readonly Cause[]): Diagnosis[] {
  const shows = (sign: Sign): boolean => isShown(sign, report)
  let open = report.results.filter(({ verdict }) => verdict === 'failed' || verdict === 'flaky')
  const diagnoses: Diagnosis[] = []
  for (const cause of causes) {
    const signs = cause.signs.find((each) => each.every(shows))
    if (!signs) continue
    const [plain, others] = divide(open, (result) => signs.some((sign) => isAbout(sign, result)))
    const [explained, rest] = divide(others, (result) => cause.explains.some((each) => explains(each, result)))
    if (plain.length === 0 && !cause.suspicion) continue
    diagnoses.push({ cause, failures: [...plain, ...explained] })
    open = rest
  }
  return open.length > 0 ? [...diagnoses, { cause: undefined, failures: open }] : diagnoses
}

function isShown(sign: Sign, { results, findings }: Pick<Report, 'results' | 'findings'>): boolean {
  switch (sign.kind) {
    case 'passes':
      return results.some((result) => result.verdict === 'passed' && result.case === sign.case)
    case 'fails':
    case 'some-fail':
      return results.some((result) => isAbout(sign, result))
    case 'found':
      return findings.includes(sign.finding)
  }
}

/** Whether this result is a failure that the sign speaks of. */
function isAbout(sign: Sign, result: CaseResult): boolean {
  const { clause, verdict, message } = result
  if (verdict !== 'failed' && verdict !== 'flaky') return false
  switch (sign.kind) {
    case 'fails':
      return result.case === sign.case && saysSo(sign, message) && (!sign.cutOff || isCutOff(sign.cutOff, result))
    case 'some-fail':
      return (sign.clause === undefined || clause === sign.clause) && saysSo(sign, message)
    case 'passes':
    case 'found':
      return false
  }
}

function explains(explained: Explained, { clause, message }: CaseResult): boolean {
  switch (explained.kind) {
    case 'clauses':
      return explained.clauses.includes(clause) && !(explained.silent?.test(message) ?? false)
    case 'saying':
      return saysSo(explained, message)
  }
}

function saysSo({ says, silent }: { says?: RegExp; silent?: RegExp }, message: string): boolean {
  return (says?.test(message) ?? true) && !(silent?.test(message) ?? false)
}

function isCutOff(client: string, { wire }: CaseResult): boolean {
  return wire.some((event) => event.client === client && (event.kind === 'fin' || event.kind === 'reset'))
}

function divide<T>(values: readonly T[], first: (value: T) => boolean): [T[], T[]] {
  return [values.filter(first), values.filter((value) => !first(value))]
}
