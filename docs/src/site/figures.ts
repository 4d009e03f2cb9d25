/** How the site shows the committed run of `switchyard compare`. */
export type FigureKey = 'pipelinedPerSecond' | 'roundTripsPerSecond' | 'rateLeft' | 'heldBytes' | 'codeLines'

export interface Column {
  readonly key: FigureKey
  readonly title: string
  /** A figure as it is shown. */
  readonly text: (value: number) => string
}

export const COLUMNS: readonly Column[] = [
  {
    key: 'pipelinedPerSecond',
    title: 'pipelined, messages a second',
    text: (value) => (value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : thousands(value)),
  },
  { key: 'roundTripsPerSecond', title: 'round trips, messages a second', text: thousands },
  {
    key: 'rateLeft',
    title: 'left of the others’ rate, one reader stalled',
    text: (value) => `${Math.round(value * 100)} %`,
  },
  { key: 'heldBytes', title: 'held then', text: bytesText },
  { key: 'codeLines', title: 'lines of code', text: String },
]

type Row = Readonly<Record<FigureKey, number | null>>

/** A cell: what it says, and its bar's length, % of the longest in its column but never nothing. */
export interface Cell {
  readonly text: string
  readonly barPercent: number
}

export function cellsOf(row: Row, rows: readonly Row[]): readonly Cell[] {
  return COLUMNS.map(({ key, text }) => {
    const value = row[key]
    const most = Math.max(...rows.map((each) => each[key] ?? 0))
    return {
      text: value === null ? 'unknown' : text(value),
      barPercent: Math.max(1, (100 * (value ?? 0)) / (most || 1)),
    }
  })
}

export function bytesText(value: number): string {
  return value >= 1048576 ? `${(value / 1048576).toFixed(1)} MiB` : `${Math.round(value / 1024)} KiB`
}

function thousands(value: number): string {
  return `${Math.round(value / 1000)} k`
}
