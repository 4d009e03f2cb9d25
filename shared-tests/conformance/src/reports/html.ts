import type { CaseResult, Verdict } from '../running/report.ts'
import { clauseOf, sectionsOf } from '../suite.ts'
import type { Clause } from '../suite.ts'
import type { Diagnosis } from '../diagnosis/diagnosis.ts'
import type { ExpectedReport } from '../expectations/apply.ts'
import { alsoSeenIn, causesOf, placeOf, titleOf } from './causes.ts'
import { escape } from './escape.ts'
import { STYLE } from './style.ts'
import { rateOf } from './wilson.ts'
import { renderWireTable } from './wire-table.ts'

const SPECIFICATION = 'docs/protocol.md'
/** So much of a wire log is shown of a case that passed, and of one that did not. */
const ROWS_OF_PASS = 16
const ROWS_OF_FAILURE = 160
/** The most failures of a cause that are linked; the matrix has them all. */
const LINKED_FAILURES = 6

const SIGNS: Readonly<Record<Verdict, string>> = {
  passed: '✓',
  failed: '✗',
  'failed-as-declared': '!',
  flaky: '≈',
  'not-applicable': '–',
  'not-run': '·',
  undecided: '?',
}
const MEANINGS: Readonly<Record<Verdict, string>> = {
  passed: 'passed',
  failed: 'failed',
  'failed-as-declared': 'failed, as expected',
  flaky: 'failed sometimes',
  'not-applicable': 'not applicable',
  'not-run': 'not run',
  undecided: 'undecided',
}

const VERDICTS: readonly Verdict[] = [
  'passed',
  'failed',
  'flaky',
  'failed-as-declared',
  'undecided',
  'not-applicable',
  'not-run',
]

export interface HtmlOptions {
  /** When the reports were made. */
  readonly at: Date
  /** What made them. */
  readonly command: string
}

/**
 * Reports as one page that needs nothing else: no network, no script. First what to mend, then the matrix, each cell of which
 * leads to its case, and there to what went over the wire.
 */
export function renderHtml(reports: readonly ExpectedReport[], { at, command }: HtmlOptions): string {
  const title = reports.map(({ target }) => target).join(', ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)} - switchyard verify</title>
<style>${STYLE}</style>
</head>
<body>
${reports.map(renderHead).join('\n')}
<main>
${reports.map(renderCauses).join('\n')}
${renderMatrix(reports)}
${reports.map(renderCases).join('\n')}
</main>
<footer>Made ${escape(at.toISOString().replace('T', ' ').slice(0, 16))} UTC by <code>${escape(command)}</code>. Clauses are those of
<code>${SPECIFICATION}</code>.</footer>
</body>
</html>
`
}

function renderHead({ target, overall, summary, results, complaints, unexpectedPasses }: ExpectedReport): string {
  const texts = [...complaints, ...unexpectedPasses.map((clause) => `${clause} is declared to fail, and passed.`)]
  const list = texts.map((text) => `<p class="failed">${escape(text)}</p>`).join('\n')
  return `<header>
<h1>${escape(target)}</h1>
<div class="bar" aria-hidden="true">${renderBar(results)}</div>
<p><span class="verdict ${overall}">${overall}</span>. ${escape(summary)}</p>
${list}
</header>`
}

/** As long as each verdict is frequent. */
function renderBar(results: readonly CaseResult[]): string {
  return VERDICTS.map((verdict) => {
    const count = results.filter((each) => each.verdict === verdict).length
    return count === 0 ? '' : `<span class="${verdict}" style="flex:${count}"></span>`
  }).join('')
}

// What to mend --------------------------------------------------------------------------------------------------------

function renderCauses(report: ExpectedReport, index: number, reports: readonly ExpectedReport[]): string {
  const causes = causesOf(report)
  if (causes.length === 0) return ''
  const of = reports.length > 1 ? `: ${escape(report.target)}` : ''
  const cards = causes.map((cause, rank) => renderCause(cause, rank + 1, report, index)).join('\n')
  const also = alsoSeenIn(report)
  const more = also === '' ? '' : `<p><strong>Also seen:</strong> ${escape(also)}.</p>`
  return `<section><h2>What to mend first${of}</h2>\n${cards}\n${more}</section>`
}

function renderCause(diagnosis: Diagnosis, rank: number, report: ExpectedReport, target: number): string {
  const { cause, failures } = diagnosis
  const count =
    failures.length === 0 ? 'a suspicion' : `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'}`
  const links = failures
    .slice(0, LINKED_FAILURES)
    .map((result) => `<li><a href="#${anchorOf(target, result)}">${result.case}: ${escape(result.name)}</a></li>`)
  const more = failures.length - links.length
  const known = cause
    ? `<p>${escape(cause.looksLike)}</p>
<p class="todo"><strong>To do:</strong> ${escape(cause.toDo)}</p>
<p class="soft">${cause.clause} in <code>${escape(placeOf(report.suite, cause.clause))}</code></p>`
    : ''
  const rest = more > 0 ? `<li class="soft">and ${more} more</li>` : ''
  const evidence = links.length === 0 ? '' : `<p class="soft">Seen in</p><ul>${links.join('')}${rest}</ul>`
  return `<article class="cause"><h3><span class="count">${count}</span>${rank}. ${escape(titleOf(diagnosis))}</h3>
<div class="columns"><div>${known}</div><div class="evidence">${evidence}</div></div></article>`
}

// The matrix ----------------------------------------------------------------------------------------------------------

function renderMatrix(reports: readonly ExpectedReport[]): string {
  const several = reports.length > 1
  const head = several
    ? `<thead><tr><th scope="col">Clause</th>${reports.map(({ target }) => `<th scope="col">${escape(target)}</th>`).join('')}</tr></thead>`
    : '<thead><tr><th scope="col">Clause</th><th scope="col">Cases</th><th scope="col">It demands</th></tr></thead>'
  const columns = several ? reports.length + 1 : 3
  const [first] = reports
  if (!first) return ''
  const { suite } = first
  const rows = sectionsOf(suite).flatMap((section) => {
    const clauses = suite.clauses.filter(
      (clause) => clause.section === section && reports.some((report) => hasCases(report, clause)),
    )
    if (clauses.length === 0) return []
    const heading = `<tr class="section"><th scope="rowgroup" colspan="${columns}">${escape(section)}</th></tr>`
    return [heading, ...clauses.map((clause) => renderRow(clause, reports, several))]
  })
  return `<section><h2>Clause by clause</h2>
<div class="legend">${renderLegend(reports)}</div>
<div class="scroll"><table class="matrix">${head}<tbody>
${rows.join('\n')}
</tbody></table></div></section>`
}

function renderRow(clause: Clause, reports: readonly ExpectedReport[], several: boolean): string {
  const cells = reports.map(
    (report, target) => `<td><div class="strip">${renderStrip(report, clause, target)}</div></td>`,
  )
  const demand = several ? '' : `<td class="demand">${escape(clause.sentences[0] ?? '')}</td>`
  return `<tr><th scope="row" title="${escape(clause.sentences.join(' '))}">${clause.id}</th>${cells.join('')}${demand}</tr>`
}

function renderStrip(report: ExpectedReport, { id }: Clause, target: number): string {
  return report.results
    .filter(({ clause }) => clause === id)
    .map((result) => {
      const label = `${MEANINGS[result.verdict]}: ${result.name}`
      return `<a class="square ${result.verdict}" href="#${anchorOf(target, result)}" title="${escape(label)}" aria-label="${escape(label)}">${SIGNS[result.verdict]}</a>`
    })
    .join('')
}

function renderLegend(reports: readonly ExpectedReport[]): string {
  const used = new Set(reports.flatMap(({ results }) => results.map(({ verdict }) => verdict)))
  return VERDICTS.filter((verdict) => used.has(verdict))
    .map(
      (verdict) =>
        `<span><span class="square ${verdict}" aria-hidden="true">${SIGNS[verdict]}</span>${MEANINGS[verdict]}</span>`,
    )
    .join('')
}

function hasCases({ results }: ExpectedReport, { id }: Clause): boolean {
  return results.some(({ clause }) => clause === id)
}

// The cases -----------------------------------------------------------------------------------------------------------

function renderCases(report: ExpectedReport, target: number, reports: readonly ExpectedReport[]): string {
  const of = reports.length > 1 ? `: ${escape(report.target)}` : ''
  const parts = sectionsOf(report.suite).map((section) => {
    const results = report.results.filter(({ clause }) => clauseOf(report.suite, clause).section === section)
    if (results.length === 0) return ''
    return `<h3>${escape(section)}</h3>\n${results.map((result) => renderCase(report, result, target)).join('\n')}`
  })
  return `<section><h2>Case by case${of}</h2>\n${parts.join('\n')}\n</section>`
}

function renderCase(report: ExpectedReport, result: CaseResult, target: number): string {
  const { clause, case: id, name, verdict, message, ms, runs, wire } = result
  const excuse = report.excuses.get(id)
  const quote = clauseOf(report.suite, clause).sentences.map(escape).join('<br>')
  const parts = [
    `<blockquote><strong>${clause}</strong> ${quote}</blockquote>`,
    excuse
      ? `<p class="failed-as-declared">Expected to ${excuse.expect === 'fail' ? 'fail' : 'be flaky'}: ${escape(excuse.reason)}${linkOf(excuse.link)}</p>`
      : '',
    message === '' ? '' : `<pre>${escape(message)}</pre>`,
    runs ? `<p class="soft">${escape(rateOf(runs.failed, runs.count))}</p>` : '',
    wire.length === 0 ? '' : renderWireTable(wire, verdict === 'passed' ? ROWS_OF_PASS : ROWS_OF_FAILURE),
  ]
  return `<details id="${anchorOf(target, result)}"><summary><span class="square ${verdict}" aria-hidden="true">${SIGNS[verdict]}</span><span class="name"><span class="verdict ${verdict}">${MEANINGS[verdict]}</span> <strong>${id}</strong> ${escape(name)}</span><span class="ms">${ms} ms</span></summary>
<div class="inside">${parts.filter((part) => part !== '').join('\n')}</div></details>`
}

function linkOf(link: string | undefined): string {
  return link === undefined ? '' : ` (<a href="${escape(link)}">${escape(link)}</a>)`
}

/** One for each case of each target. */
function anchorOf(target: number, result: CaseResult): string {
  return `case-${target}-${result.case}`
}
