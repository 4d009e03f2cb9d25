import type { Outcome } from '../events.ts'
import { clientsIn, rowsOf } from './rows.ts'
import type { Labels, Mark } from './rows.ts'

const COLUMNS = 100
/** Lanes are so wide that their names fit; beyond four clients they get narrow, and their names short. */
const WIDE = 9
const NARROW = 4
const WIDE_CLIENTS_MAX = 4

/**
 * A run as a message-sequence chart for the terminal: a lifeline for each client and for the server, a line for each
 * event, then the verdict and who waits for whom. At most 100 columns for up to four clients.
 */
export function renderChart<Say>(outcome: Outcome<Say>, labels: Labels<Say>): string {
  const clients = clientsIn(outcome)
  const wide = clients <= WIDE_CLIENTS_MAX
  const lanes = { count: clients + 1, width: wide ? WIDE : NARROW }
  const names = Array.from({ length: clients }, (_, client) => (wide ? `client ${client}` : String(client)))
  const header = [...names, wide ? 'server' : 'srv'].map((name) => centred(name, lanes.width)).join('')
  const lines = rowsOf(outcome, labels).map(
    ({ text, mark }, index) => `${lineNumber(index)} ${draw(mark, lanes)}  ${text}`,
  )
  return [`${' '.repeat(5)}${header}`.trimEnd(), ...lines, '', ...verdict(outcome), ''].join('\n')
}

function verdict({ violation, waits }: Outcome): readonly string[] {
  const said = violation ? `${violation.clause} is violated: ${violation.message}` : 'nothing is violated'
  return [said, ...waits.split('\n')].flatMap((line) => wrapped(line))
}

interface Lanes {
  readonly count: number
  readonly width: number
}

function draw(mark: Mark, { count, width }: Lanes): string {
  const middle = (lane: number): number => lane * width + (width >> 1)
  const cells: string[] = Array.from({ length: middle(count - 1) + 1 }, () => (mark.kind === 'rule' ? '┄' : ' '))
  for (let lane = 0; lane < count; lane++) cells[middle(lane)] = '│'
  switch (mark.kind) {
    case 'rule':
      break
    case 'point':
      cells[middle(mark.lane)] = '●'
      break
    case 'arrow': {
      const [left, right] = [Math.min(mark.from, mark.to), Math.max(mark.from, mark.to)].map(middle)
      for (let at = left! + 1; at < right!; at++) cells[at] = cells[at] === '│' ? '┼' : '─'
      cells[middle(mark.from)] = mark.from < mark.to ? '├' : '┤'
      cells[middle(mark.to)] = mark.from < mark.to ? '▶' : '◀'
    }
  }
  return cells.join('')
}

function lineNumber(index: number): string {
  return String(index + 1).padStart(4)
}

function centred(name: string, width: number): string {
  // One to the left of the exact middle, so that the lifeline is under the name's middle.
  return name.padStart((width >> 1) + Math.ceil((name.length + 1) / 2)).padEnd(width)
}

function wrapped(line: string): readonly string[] {
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const space = rest.lastIndexOf(' ', COLUMNS)
    const end = space > INDENT.length ? space : COLUMNS
    lines.push(rest.slice(0, end).trimEnd())
    rest = INDENT + rest.slice(end).trimStart()
  }
  return [...lines, rest.trimEnd()]
}

const INDENT = '  '
