import { clauseOf, CLAUSES } from '@switchyard/shared-tests'
import type { CaseResult, Report } from '@switchyard/shared-tests'
import type { Colours } from './colours.ts'

/** The specification's sections, in order: `1 Wire format`. */
export const SECTIONS: readonly string[] = [...new Set(CLAUSES.map(({ section }) => section))]

/** How the cases of one section came out. */
export interface SectionCount {
  readonly section: string
  readonly passed: number
  readonly failed: number
  readonly failedAsDeclared: number
  readonly notApplicable: number
  /** Not run, or undecided. */
  readonly open: number
}

export function countBySection(results: readonly CaseResult[]): SectionCount[] {
  return SECTIONS.map((section) => {
    const own = results.filter(({ clause }) => clauseOf(clause).section === section)
    const count = (...verdicts: CaseResult['verdict'][]): number =>
      own.filter(({ verdict }) => verdicts.includes(verdict)).length
    return {
      section,
      passed: count('passed'),
      failed: count('failed'),
      failedAsDeclared: count('failed-as-declared'),
      notApplicable: count('not-applicable'),
      open: count('not-run', 'undecided'),
    }
  })
}

/** A report for people: a line for each section, then each failure with its clause, what it says and what happened. */
export function renderReport(report: Report, colours: Colours): string {
  const { green, red, yellow, bold, dim } = colours
  const mark = { passed: green('passed'), failed: red('failed'), undecided: yellow('undecided') }[report.overall]
  const lines = [`${bold(report.target)}: ${mark}. ${report.summary}`, '']
  for (const { section, passed, failed, failedAsDeclared, notApplicable, open } of countBySection(report.results)) {
    const parts = [
      passed > 0 ? green(`${passed} passed`) : '',
      failed > 0 ? red(`${failed} failed`) : '',
      failedAsDeclared > 0 ? yellow(`${failedAsDeclared} failed as declared`) : '',
      notApplicable > 0 ? dim(`${notApplicable} not applicable (${needsOf(report, section)})`) : '',
      open > 0 ? dim(`${open} not run`) : '',
    ]
    const text = parts.filter((part) => part !== '').join(', ')
    if (text !== '') lines.push(`  ${section.padEnd(16)} ${text}`)
  }
  if (!isOneObstacle(report)) for (const result of report.results) lines.push(...renderFailure(result, colours))
  for (const clause of report.unexpectedPasses) {
    lines.push('', red(`${clause} is declared to fail, and passed: the declaration is wrong`))
  }
  return `${lines.join('\n')}\n`
}

/** Nothing could be judged at all: the summary has said why, and no list of cases would add to it. */
function isOneObstacle({ results }: Report): boolean {
  return (
    !results.some(({ verdict }) => verdict === 'passed' || verdict === 'failed-as-declared') &&
    results.some(({ verdict }) => verdict === 'not-run' || verdict === 'undecided')
  )
}

function renderFailure({ clause, case: name, verdict, message }: CaseResult, { red, dim }: Colours): string[] {
  if (verdict !== 'failed' && verdict !== 'undecided') return []
  const quote = clauseOf(clause).sentences.map((sentence) => `    ${dim(`"${sentence}"`)}`)
  return ['', `  ${red(verdict)}: ${clause} ${name}`, ...quote, ...message.split('\n').map((line) => `    ${line}`)]
}

function needsOf({ results }: Report, section: string): string {
  const own = results.filter(
    ({ clause, verdict }) => verdict === 'not-applicable' && clauseOf(clause).section === section,
  )
  return [...new Set(own.map(({ message }) => message))].join('; ')
}
