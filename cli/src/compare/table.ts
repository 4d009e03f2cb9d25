import type { Stall } from '@switchyard/bench'
import type { Colours } from '../colours.ts'
import { countBySection, SECTIONS } from '../verdicts.ts'
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
  ...SECTIONS.map((_, index): Column => ({
    group: 'keeps §',
    title: `${index + 1}`,
    width: 2,
    align: 'right',
    cell: (row) => sectionMark(row, index),
    colour: (row, { green, red, yellow }) => ({ '✓': green, '✗': red, '~': yellow })[sectionMark(row, index)],
  })),
  {
    group: 'one stalled reader',
    title: 'others',
    width: 8,
    align: 'right',
    cell: ({ stall }) => othersCell(stall),
    colour: ({ stall }, { green, red, yellow }) =>
      ({ 'goes-on': green, stalls: red, undecided: yellow })[stall.verdict],
  },
  { group: 'one stalled reader', title: 'freed', width: 7, align: 'right', cell: ({ stall }) => freedCell(stall) },
  {
    group: 'one stalled reader',
    title: 'held',
    width: 9,
    align: 'right',
    cell: ({ stall }) => bytes(stall.heldBytes.total),
  },
  {
    group: 'pipelined',
    title: 'msg/s',
    width: 8,
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

/** What each column says, a sentence each. */
function legend({ rows, machine, made }: Comparison): string[] {
  const [first] = rows
  const { options, allowedBytes } = first?.stall ?? { options: undefined, allowedBytes: 0 }
  const cases = first?.conformance.results.length ?? 0
  return [
    `keeps §      ${cases} cases over TCP, by section (${SECTIONS.join(', ')}):`,
    '             ✓ kept, ✗ failed, ~ failed as declared.',
    '             One client reads nothing while others flood it; then:',
    `others       what is left of the rate of ${options?.pairs ?? 0} pairs that have nothing to do with it (noise included);`,
    '             "stall" if they stand still, because the pattern waits with the write.',
    'freed        when the write deadline disconnected it and everybody went on, counted from the stall.',
    `held         bytes in the server then; a server that bounds its memory may hold ${bytes(allowedBytes)} (R5.4).`,
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
function troubles({ name, conformance, stall }: Row): string[] {
  return [
    ...(conformance.overall === 'passed' ? [] : [`${name}: ${conformance.summary}`, `  switchyard verify ${name}`, '']),
    ...(stall.doubts.length === 0 ? [] : [`${name}, stalled reader: ${stall.doubts.join('; ')}`, '']),
  ]
}

function sectionMark({ conformance }: Row, index: number): '✓' | '✗' | '~' {
  const count = countBySection(conformance.results)[index]
  if (!count || count.failed > 0 || count.open > 0) return '✗'
  return count.failedAsDeclared > 0 ? '~' : '✓'
}

function othersCell({ verdict, rateLeft }: Stall): string {
  switch (verdict) {
    case 'goes-on':
      return `${Math.round(rateLeft * 100)} %`
    case 'stalls':
      return 'stall'
    case 'undecided':
      return `${Math.round(rateLeft * 100)} % ?`
  }
}

function freedCell({ recovery }: Stall): string {
  switch (recovery.state) {
    case 'not-needed':
      return '-'
    case 'recovered':
      return `${(recovery.afterMs / 1000).toFixed(1)} s`
    case 'not-recovered':
      return 'never'
  }
}

function bytes(count: number): string {
  if (count >= 1024 * 1024) return `${(count / 1024 / 1024).toFixed(1)} MiB`
  if (count >= 1024) return `${Math.round(count / 1024)} KiB`
  return `${count} B`
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
