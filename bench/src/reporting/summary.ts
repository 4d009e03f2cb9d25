import { analyse } from '../analysis/analysis.ts'
import type { Analysis, Row, WorkloadAnalysis } from '../analysis/analysis.ts'
import { RANKED } from '../analysis/metrics.ts'
import type { Figure } from '../analysis/metrics.ts'
import type { Results } from '../run/results.ts'
import type { Interval } from '../analysis/statistics/bootstrap.ts'
import { scoresOf } from '../analysis/scores.ts'
import type { Column } from '../analysis/scores.ts'
import { bytes, figure, interval } from './format.ts'
import { controlLine, doubtsOf, machineLine, madeLine, standingOf, verdictOf } from './words.ts'

/** A table, cell by cell: who draws it decides how. */
export interface Table {
  readonly title: string
  readonly name: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** What a summary has, as far as a workload has it. */
const COLUMNS: readonly { readonly figure: Figure; readonly title: string }[] = [
  { figure: 'messagesPerSecond', title: 'messages/s' },
  { figure: 'serverCpuMicros', title: 'CPU/message' },
  { figure: 'p50Micros', title: 'p50' },
  { figure: 'p99Micros', title: 'p99' },
  { figure: 'silenceMs', title: 'silence' },
  { figure: 'idleRssBytes', title: 'RSS/idle client' },
]

/** For each workload what servers are compared by, with intervals; then the figures beside it; then the verdict. */
export function tableOf(analysis: WorkloadAnalysis): Table {
  const { workload, rows } = analysis
  const main = RANKED[workload.ranked].figure
  const others = COLUMNS.filter(({ figure: name }) => name !== main && rows.some(({ typical }) => typical[name]))
  const first = COLUMNS.find(({ figure: name }) => name === main)?.title ?? main
  return {
    name: workload.name,
    title: workload.title,
    head: ['server', first, '× yardstick', ...others.map(({ title }) => title), 'verdict'],
    rows: rows.map((row) => [
      row.subject.name,
      withInterval(row, main),
      row.toYardstick ? interval(row.toYardstick, (value) => value.toFixed(value < 10 ? 2 : 1)) : '-',
      ...others.map(({ figure: name }) => alone(row, name)),
      standingOf(row) || verdictOf(row, analysis),
    ]),
  }
}

/** Everybody at a glance: what a server is known by, in one row. */
export function glanceOf(analysis: Analysis, render: typeof interval = interval): Table {
  const { columns, rows } = scoresOf(analysis)
  const written = (value: Interval | null, unit: Column['unit']): string =>
    value === null ? '-' : render(value, unit === 'bytes' ? bytes : (ratio) => ratio.toFixed(2))
  return {
    name: 'At a glance',
    title: 'ratios within rounds, with 95 % intervals',
    head: ['server', ...columns.map(({ title }) => title)],
    rows: rows.map(({ server, values }) => [
      server,
      ...values.map((value, index) => written(value, columns[index]?.unit ?? 'ratio')),
    ]),
  }
}

/** Without intervals, for a README; with what made it. */
export function renderGlance({ run, blocks }: Results, analysis: Analysis): string {
  const { head, rows } = glanceOf(analysis, ({ value }, write) => write(value))
  return [...cells(head, rows), '', `${machineLine(run.machine)}; ${madeLine(run, blocks.length)}.`].join('\n')
}

/** Everything in plain text. */
export function renderSummary({ run, blocks }: Results, analysis: Analysis): string {
  const tables = tablesOf(analysis)
  return [
    ...tables.flatMap((table) => [`${table.name}: ${table.title}`, ...aligned(table), '']),
    `Medians of blocks with 95 % intervals; ratios within rounds. Faster or slower is said beyond 3 %, after Holm's correction.`,
    controlLine(analysis.control),
    ...doubtsOf(run, analysis).filter((doubt) => doubt !== controlLine(analysis.control)),
    ...run.absent,
    `${machineLine(run.machine)}.`,
    `${madeLine(run, blocks.length)}.`,
    '',
  ].join('\n')
}

/** The same for hosted CI, which shows markdown. */
export function renderMarkdown({ run, blocks }: Results, analysis: Analysis): string {
  const notes = [
    "Medians of blocks with 95 % intervals; ratios within rounds. Faster or slower is said beyond 3 %, after Holm's correction.",
    controlLine(analysis.control),
    ...doubtsOf(run, analysis).filter((doubt) => doubt !== controlLine(analysis.control)),
    ...run.absent,
    `${machineLine(run.machine)}.`,
    `${madeLine(run, blocks.length)}. Command: \`switchyard ${run.made.command}\`.`,
  ]
  return [...tablesOf(analysis).map(markdownTable), `${notes.join('\n\n')}\n`].join('\n')
}

/** A page of the documentation. `folder`: where the run is kept, from the repository's root. */
export function renderResultsPage(results: Results, folder: string): string {
  const intro = [
    '# Results',
    '',
    `This page is generated from the run in [\`${folder}\`](../${folder}), and a test says so. With charts, and everything that was`,
    'equal: <a href="./report.html" target="_self">the whole report</a>. Both are one command away, and so is a run of your own:',
    '',
    `    npx switchyard report ${folder}      # writes ${folder}/index.html`,
    '    npx switchyard bench --full',
    '',
    'What a message costs and what it waits depends on the machine: compare columns, not machines. The yardstick is a relay in',
    'Node that pairs sockets and routes nothing; it is no ceiling.',
    '',
    '',
  ].join('\n')
  return intro + renderMarkdown(results, analyse(results))
}

/** The glance first, if it shows more than who was there. */
function tablesOf(analysis: Analysis): Table[] {
  const glance = glanceOf(analysis)
  return [...(glance.head.length > 1 ? [glance] : []), ...analysis.workloads.map(tableOf)]
}

function markdownTable({ name, title, head, rows }: Table): string {
  const sentence = `${title.charAt(0).toUpperCase()}${title.slice(1)}.`
  return [`## ${name}`, '', sentence, '', ...cells(head, rows), ''].join('\n')
}

function cells(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (row: readonly string[]): string => `| ${row.map(escaped).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)]
}

function withInterval(row: Row, name: Figure): string {
  const found = row.typical[name]
  return found ? interval(found, (value) => figure(name, value)) : '-'
}

function alone(row: Row, name: Figure): string {
  const found = row.typical[name]
  return found ? figure(name, found.value) : '-'
}

/** Columns as wide as their widest cell; figures to the right, words to the left. */
function aligned({ head, rows }: Table): string[] {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 || head[column] === 'verdict' ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  )
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|')
}
