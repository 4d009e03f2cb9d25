import type { Guarantee } from '@switchyard/core'
import type { Cell } from '@switchyard/stress'
import type { Colours } from '@switchyard/conformance/reports'
import { markOf, troublesOf } from '../stress/outcome.ts'
import { sectionsOf } from '@switchyard/conformance'
import { countBySection } from '@switchyard/conformance/reports'
import { ROUTER } from '@switchyard/protocols/router/suite'
import type { Comparison, Row } from './results.ts'

interface Column {
  /** Stands above all neighbours that name the same. */
  readonly group: string
  readonly title: string
  readonly width: number
  readonly align: 'left' | 'right'
  readonly cell: (row: Row) => string
  readonly colour?: (row: Row, colours: Colours) => (text: string) => string
}

const COLUMNS: readonly Column[] = [
  { group: '', title: 'server', width: 18, align: 'left', cell: ({ name }) => name },
  ...sectionsOf(ROUTER).map((_, index): Column => ({
    group: 'keeps §',
    title: `${index + 1}`,
    width: 2,
    align: 'right',
    cell: (row) => sectionMark(row, index),
    colour: (row, { green, red, yellow }) => ({ '✓': green, '✗': red, '~': yellow })[sectionMark(row, index)],
  })),
  guaranteeColumn('stalled readers', 'G2', 9),
  guaranteeColumn('stalled readers', 'G3', 11),
  guaranteeColumn('burst', 'G7', 8),
  {
    group: 'pipelined',
    title: 'msg/s',
    width: 7,
    align: 'right',
    cell: ({ figures }) => rate(figures.pipelined.messagesPerSecond),
  },
  {
    group: 'pipelined',
    title: 'CPU',
    width: 8,
    align: 'right',
    cell: ({ figures }) => micros(figures.pipelined.serverCpuMicrosPerMessage),
  },
  {
    group: 'pipelined',
    title: '×',
    width: 5,
    align: 'right',
    cell: ({ timesAwaitPerMessage }) => timesAwaitPerMessage.toFixed(timesAwaitPerMessage < 9.95 ? 1 : 0),
  },
  {
    group: 'round trips',
    title: 'msg/s',
    width: 8,
    align: 'right',
    cell: ({ figures }) => rate(figures['round-trips'].messagesPerSecond),
  },
  {
    group: 'round trips',
    title: 'CPU',
    width: 9,
    align: 'right',
    cell: ({ figures }) => micros(figures['round-trips'].serverCpuMicrosPerMessage),
  },
  { group: 'code', title: 'lines', width: 7, align: 'right', cell: ({ codeLines }) => codeLines?.toString() ?? '-' },
]

/** A mark, promise or price, and the figure by which it was judged. */
function guaranteeColumn(group: string, id: Guarantee, width: number): Column {
  const cellOf = ({ stress }: Row): Cell | undefined => stress.find(({ guarantee }) => guarantee === id)
  return {
    group,
    title: id,
    width,
    align: 'right',
    cell: (row) => {
      const cell = cellOf(row)
      return cell ? `${markOf(cell)} ${cell.figure}` : ''
    },
    colour: (row, { green, red, yellow, dim }) => {
      const cell = cellOf(row)
      return cell ? { '✓': green, '–': dim, '·': dim, '✗': red, '?': yellow }[markOf(cell)] : dim
    },
  }
}

/** What each column says, a sentence each. */
function legend({ rows, machine, made }: Comparison): string[] {
  const [first] = rows
  const cases = first?.conformance.results.length ?? 0
  return [
    `keeps §      ${cases} cases over TCP, by section (${sectionsOf(ROUTER).join(', ')}):`,
    '             ✓ kept, ✗ failed, ~ failed as declared.',
    '             Guarantees: ✓ promised, and holds; – a price, and is paid; ✗ not as declared; ? undecided.',
    'G2           two clients read nothing while others flood them: the progress that is left to pairs that',
    '             have nothing to do with it, to the one that fares worst (beyond 100 % is noise);',
    'G3           bytes held by the server then, against the bound of R5.4.',
    'G7           a burst to a client that has paused: the progress that is left to unrelated pairs.',
    'pipelined    16 senders flood 16 receivers with messages of 32 bytes: messages a second,',
    '             server CPU per message; × is the throughput in multiples of await-per-message.',
    'round trips  128 pairs, one message under way each; each way counts as a message.',
    'code         lines of its one file that are neither blank nor comment.',
    '',
    `Medians of interleaved rounds; loopback; ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ` +
      `commit ${machine.commit ?? 'unknown'}, ${made.seconds} s.`,
  ]
}

/** The table that fits 100 columns, and a sentence on each of its columns. */
export function renderComparison(comparison: Comparison, colours: Colours): string {
  const { bold, dim } = colours
  const patterns = comparison.rows.filter(({ kind }) => kind === 'pattern')
  const variants = comparison.rows.filter(({ kind }) => kind === 'variant')
  const width = COLUMNS.reduce((sum, column) => sum + column.width, 0)
  const lines = [
    dim(groupLine()),
    bold(COLUMNS.map(({ title, width: columnWidth, align }) => pad(title, columnWidth, align)).join('')),
    ...patterns.map((row) => rowLine(row, colours)),
    dim('─'.repeat(width)),
    ...variants.map((row) => rowLine(row, colours)),
    '',
    ...comparison.rows.flatMap((row) => troubles(row)),
    ...legend(comparison),
  ]
  return `${lines.join('\n')}\n`
}

function groupLine(): string {
  let line = ''
  for (const [index, { group }] of COLUMNS.entries()) {
    if (group === '' || COLUMNS[index - 1]?.group === group) continue
    const before = COLUMNS.slice(0, index).reduce((sum, column) => sum + column.width, 0)
    const width = COLUMNS.filter((column) => column.group === group).reduce((sum, column) => sum + column.width, 0)
    line = line.padEnd(before) + group.padStart(Math.ceil((width + group.length) / 2))
  }
  return line
}

function rowLine(row: Row, colours: Colours): string {
  return COLUMNS.map(({ cell, width, align, colour }) => {
    const text = pad(cell(row), width, align)
    return colour ? colour(row, colours)(text) : text
  }).join('')
}

/** What kept a row from being whole: shown, because a table of marks alone would bury it. */
function troubles({ name, conformance, stress }: Row): string[] {
  const wrong = troublesOf(stress)
  return [
    ...(conformance.overall === 'passed' ? [] : [`${name}: ${conformance.summary}`, `  switchyard verify ${name}`, '']),
    ...(wrong.length === 0 ? [] : [...wrong, '']),
  ]
}

function sectionMark({ conformance }: Row, index: number): '✓' | '✗' | '~' {
  const count = countBySection(conformance.suite, conformance.results)[index]
  if (!count || count.failed > 0 || count.open > 0) return '✗'
  return count.failedAsDeclared > 0 ? '~' : '✓'
}

function rate(perSecond: number): string {
  if (perSecond >= 999_500) return `${(perSecond / 1e6).toFixed(perSecond >= 9_950_000 ? 1 : 2)} M`
  return `${Math.round(perSecond / 1000)} k`
}

function micros(value: number): string {
  return `${value.toFixed(value < 1 ? 2 : 1)} µs`
}

function pad(text: string, width: number, align: Column['align']): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width)
}
