import type { CaseResult, JudgedBy } from '../running/report.ts'
import { clauseOf, sectionsOf } from '../suite.ts'
import type { ExpectedReport } from '../expectations/apply.ts'
import { escapeXml } from './escape.ts'
import { rateOf } from './wilson.ts'
import { renderWire } from './wire.ts'

const WIRE_LINES = 40

/**
 * Reports as the XML that build servers read, after the schema of Jenkins' JUnit plugin: a suite for each target and section, a
 * case for each case. Undecided is an error, not applicable and expected to fail are skipped.
 */
export function renderJunit(reports: readonly ExpectedReport[]): string {
  const suites = reports.flatMap((report) => sectionsOf(report.suite).map((section) => renderSuite(report, section)))
  const complaints = reports.flatMap(renderComplaints)
  const body = [...suites, ...complaints].filter((suite) => suite !== '').join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="switchyard verify">\n${body}\n</testsuites>\n`
}

function renderSuite(report: ExpectedReport, section: string): string {
  const results = report.results.filter(({ clause }) => clauseOf(report.suite, clause).section === section)
  if (results.length === 0) return ''
  const count = (...verdicts: CaseResult['verdict'][]): number =>
    results.filter(({ verdict }) => verdicts.includes(verdict)).length
  const attributes = attributesOf({
    name: `${report.target}: ${section}`,
    tests: results.length,
    failures: count('failed', 'flaky'),
    errors: count('undecided'),
    skipped: count('not-applicable', 'not-run', 'failed-as-declared'),
    time: seconds(results.reduce((sum, { ms }) => sum + ms, 0)),
  })
  return `  <testsuite ${attributes}>\n${results.map((result) => renderCase(report, result)).join('\n')}\n  </testsuite>`
}

function renderCase({ suite, target, excuses }: ExpectedReport, result: CaseResult): string {
  const { clause, case: id, ms } = result
  const attributes = attributesOf({ classname: `${target}.${clause}`, name: id, time: seconds(ms) })
  const outcome = renderOutcome(suite, result, excuses.get(id)?.reason)
  return outcome === '' ? `    <testcase ${attributes}/>` : `    <testcase ${attributes}>${outcome}</testcase>`
}

function renderOutcome(
  suite: JudgedBy,
  { clause, name, verdict, message, wire, runs }: CaseResult,
  excuse: string | undefined,
): string {
  const [summary = ''] = message.split('\n')
  switch (verdict) {
    case 'passed':
      return ''
    case 'failed':
    case 'flaky': {
      const text = [
        name,
        ...clauseOf(suite, clause).sentences.map((sentence) => `${clause}: "${sentence}"`),
        message,
        ...(runs ? [rateOf(runs.failed, runs.count)] : []),
        ...renderWire(wire, WIRE_LINES),
      ].join('\n')
      return `<failure ${attributesOf({ type: verdict, message: summary })}>${escapeXml(text)}</failure>`
    }
    case 'undecided':
      return `<error ${attributesOf({ type: verdict, message: summary })}>${escapeXml(message)}</error>`
    case 'failed-as-declared':
      return `<skipped ${attributesOf({ message: `expected to fail: ${excuse ?? 'the server declares it'}` })}/>`
    case 'not-applicable':
    case 'not-run':
      return `<skipped ${attributesOf({ message: summary })}/>`
  }
}

/** What does not fit in a file of expectations is a failure of its own. */
function renderComplaints({ target, complaints, unexpectedPasses }: ExpectedReport): string[] {
  const texts = [
    ...complaints,
    ...unexpectedPasses.map((clause) => `${clause} is declared to fail, and passed: the declaration is wrong`),
  ]
  if (texts.length === 0) return []
  const cases = texts.map((text) => {
    const named = attributesOf({ classname: `${target}.expectations`, name: text })
    return `    <testcase ${named}><failure ${attributesOf({ type: 'expectation', message: text })}/></testcase>`
  })
  const attributes = attributesOf({ name: `${target}: expectations`, tests: texts.length, failures: texts.length })
  return [`  <testsuite ${attributes}>\n${cases.join('\n')}\n  </testsuite>`]
}

function attributesOf(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(String(value))}"`)
    .join(' ')
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
