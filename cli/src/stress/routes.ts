import { command, diagnose, verify } from '@switchyard/conformance'
import type { Report, Suite } from '@switchyard/conformance'
import { ROUTER } from '@switchyard/protocols/router/suite'

/** What every scene takes for granted, by id. */
const SIMPLEST: readonly string[] = [
  'R1.1-id-as-it-was-read',
  'R1.5-hundreds-in-a-segment',
  'R1.5-cut-at-a-segment',
  'R3.1-named-and-no-other',
  'R3.1-one-segment-for-many',
]

/** Judges whether the server that this command starts routes at all: measuring one that does not would take minutes and say nothing. */
export async function routes(suite: Suite, line: string, signal: AbortSignal): Promise<Report> {
  await using target = command(line)
  const cases = suite.name === ROUTER.name ? suite.cases.filter(({ id }) => SIMPLEST.includes(id)) : suite.cases
  return await verify(suite, target, { cases, signal })
}

/** For people: which message did not come, and what is the likely cause. */
export function obstacleOf(report: Report): string {
  const [first] = diagnose(report, report.suite.causes ?? [])
  const failure = first?.failures[0]
  const shown = failure === undefined ? [] : [`${failure.clause} ${failure.name}: ${failure.message}`]
  const cause = first?.cause === undefined ? [] : [`Most likely: ${first.cause.title}. ${first.cause.toDo}`]
  return [...shown, ...cause].map((text) => `  ${text.replaceAll('\n', '\n  ')}\n`).join('')
}
