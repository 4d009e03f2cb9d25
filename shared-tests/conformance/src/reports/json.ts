import type { ExpectedReport } from '../expectations/apply.ts'
import { alsoSeenIn, causesOf, titleOf } from './causes.ts'

/** Reports for machines, one object for each target: with likely causes, and with the wire logs of what did not pass. */
export function renderJson(reports: readonly ExpectedReport[]): string {
  const objects = reports.map((report) => {
    const { excuses, results, suite, ...others } = report
    return {
      protocol: suite.name,
      ...others,
      causes: causesOf(report).map((diagnosis) => ({
        id: diagnosis.cause?.id ?? null,
        title: titleOf(diagnosis),
        toDo: diagnosis.cause?.toDo ?? null,
        clause: diagnosis.cause?.clause ?? null,
        cases: diagnosis.failures.map(({ case: id }) => id),
      })),
      alsoSeen: alsoSeenIn(report),
      results: results.map(({ wire, ...result }) => ({
        ...result,
        ...(excuses.has(result.case) && { expected: excuses.get(result.case)?.reason }),
        ...(result.verdict !== 'passed' && { wire }),
      })),
    }
  })
  return `${JSON.stringify(objects, null, 2)}\n`
}
