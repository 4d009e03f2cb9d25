import { printable } from '@switchyard/harness/portable'
import type { CaseResult, JudgedBy } from '../running/report.ts'
import { clauseOf } from '../suite.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { Colours } from './colours.ts'
import type { ExpectedReport } from '../expectations/apply.ts'
import { countBySection } from './verdicts.ts'
import { alsoSeenIn, causesOf, countByClause, isOneObstacle, placeOf, titleOf } from './causes.ts'
import { percent, rateOf, wilson } from './wilson.ts'
import { renderWire } from './wire.ts'

const WIDTH = 100
const WIRE_LINES = 8

export interface TextOptions {
  readonly colours: Colours
  /** Every failure in full, not one for each cause. */
  readonly all: boolean
  /** The command that shows of this server who waits for whom, where there is one. */
  readonly explain?: string
}

/** A report for people: a line for each section, then what to mend first, each cause with the failure that shows it best. */
export function renderReport(report: ExpectedReport, options: TextOptions): string {
  const { colours, all } = options
  const { green, red, yellow, bold } = colours
  const mark = { passed: green('passed'), failed: red('failed'), undecided: yellow('undecided') }[report.overall]
  const lines = [
    `${bold(printable(report.target))}: ${mark}. ${report.summary}${tookOf(report)}`,
    '',
    ...sections(report, colours),
  ]
  if (!isOneObstacle(report)) {
    const causes = causesOf(report)
    if (causes.length > 0) lines.push('', bold('What to mend first'))
    for (const [i, cause] of causes.entries()) lines.push('', ...renderCause(report.suite, cause, i + 1, options))
    const also = alsoSeenIn(report)
    if (also !== '') lines.push('', ...wrapped(`${bold('Also seen:')} ${also}.`, ''))
    if (causes.some(({ failures }) => failures.length > 1) && !all) {
      lines.push('', colours.dim('--all prints every failure; --html FILE shows each case with its wire log.'))
    }
    for (const result of report.results) {
      if (result.verdict === 'undecided') lines.push('', ...renderFailure(report.suite, result, colours))
    }
  }
  lines.push(...flakes(report, colours))
  for (const clause of report.unexpectedPasses) {
    lines.push('', red(`${clause} is declared to fail, and passed: the declaration is wrong`))
  }
  for (const complaint of report.complaints) lines.push('', red(complaint))
  return `${lines.join('\n')}\n`
}

function tookOf({ ms }: ExpectedReport): string {
  return ms === 0 ? '' : ` (${(ms / 1000).toFixed(1)} s)`
}

function sections(report: ExpectedReport, { green, red, yellow, dim }: Colours): string[] {
  return countBySection(report.suite, report.results).flatMap((count) => {
    const parts = [
      count.passed > 0 ? green(`${count.passed} passed`) : '',
      count.failed > 0 ? red(`${count.failed} failed`) : '',
      count.flaky > 0 ? yellow(`${count.flaky} flaky`) : '',
      count.failedAsDeclared > 0 ? yellow(`${count.failedAsDeclared} failed as declared`) : '',
      count.notApplicable > 0 ? dim(`${count.notApplicable} not applicable (${needsOf(report, count.section)})`) : '',
      count.open > 0 ? dim(`${count.open} not run`) : '',
    ]
    const text = parts.filter((part) => part !== '').join(', ')
    return text === '' ? [] : [`  ${count.section.padEnd(16)} ${text}`]
  })
}

function renderCause(
  suite: JudgedBy,
  { cause, failures }: Diagnosis,
  rank: number,
  { colours, all, explain }: TextOptions,
): string[] {
  const { bold, dim } = colours
  const title = `${rank}. ${titleOf({ cause, failures })}`
  const count =
    failures.length === 0 ? 'a suspicion' : failures.length === 1 ? '1 failure' : `${failures.length} failures`
  const lines = [`${bold(title)}${' '.repeat(Math.max(2, WIDTH - title.length - count.length))}${dim(count)}`]
  if (cause) {
    lines.push(...wrapped(cause.looksLike, '   '), ...wrapped(`To do: ${cause.toDo}`, '   '))
    if (cause.stall && explain !== undefined) lines.push(`   Who waits for whom: ${printable(explain)}`)
    if (clauseOf(suite, cause.clause).sentences.length > 0) {
      lines.push(dim(`   ${cause.clause} in ${placeOf(suite, cause.clause)}`))
    }
  }
  const [first, ...others] = failures
  if (first) lines.push('', ...renderFailure(suite, first, colours))
  if (all) for (const other of others) lines.push('', ...renderFailure(suite, other, colours))
  else if (others.length > 0)
    lines.push('', ...wrapped(`The same cause, most likely: ${countByClause(others)}`, '   ').map(dim))
  return lines
}

function renderFailure(
  suite: JudgedBy,
  { clause, case: id, name, verdict, message, wire }: CaseResult,
  { red, dim }: Colours,
): string[] {
  const quote = clauseOf(suite, clause).sentences.flatMap((sentence) => wrapped(`"${sentence}"`, '     ').map(dim))
  const log = renderWire(wire, WIRE_LINES)
  return [
    `   ${red(verdict)}: ${id}: ${name}`,
    ...quote,
    ...message.split('\n').map((line) => `     ${printable(line)}`),
    ...(log.length > 0 ? [dim('     on the wire:'), ...log.map((line) => dim(`     ${printable(line)}`))] : []),
  ]
}

/** How often each case that ever failed did; the others in one line. */
function flakes({ results }: ExpectedReport, { bold, dim }: Colours): string[] {
  const repeated = results.flatMap(({ runs, case: id, name }) => (runs ? [{ ...runs, id, name }] : []))
  if (repeated.length === 0) return []
  const lines = repeated
    .filter(({ failed }) => failed > 0)
    .map(({ failed, count, id, name }) => `  ${id}: ${name}\n    ${rateOf(failed, count)}`)
  const steady = repeated.filter(({ failed }) => failed === 0)
  const count = Math.max(...repeated.map((each) => each.count))
  if (steady.length > 0) {
    const { high } = wilson(0, count)
    lines.push(
      dim(`  ${steady.length} cases never failed in ${count} runs: each fails in less than ${percent(high)} (95 %)`),
    )
  }
  return ['', bold('How often cases failed'), ...lines]
}

function needsOf({ suite, results }: ExpectedReport, section: string): string {
  const own = results.filter(
    ({ clause, verdict }) => verdict === 'not-applicable' && clauseOf(suite, clause).section === section,
  )
  return printable([...new Set(own.map(({ message }) => message))].join('; '))
}

function wrapped(text: string, margin: string): string[] {
  const lines: string[] = []
  let line = margin
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line !== margin) {
      lines.push(line.trimEnd())
      line = margin
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}
