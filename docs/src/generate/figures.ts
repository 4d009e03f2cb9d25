/** A run of `switchyard compare`, as far as the site draws it. */
export interface Figures {
  readonly command: string
  readonly at: string
  readonly machine: string
  readonly rows: readonly FiguresRow[]
}

export interface FiguresRow {
  readonly name: string
  readonly kind: 'pattern' | 'variant'
  readonly pipelinedPerSecond: number
  readonly roundTripsPerSecond: number
  readonly pipelinedCpuMicros: number
  readonly roundTripCpuMicros: number
  /** What is left of the others' rate while one reader stands still, 0 to about 1. */
  readonly rateLeft: number
  readonly heldBytes: number
  readonly codeLines: number | null
}

/** The content of `report/results.json`, as far as it is looked at. */
interface Comparison {
  readonly schema: number
  readonly made: { readonly at: string; readonly command: string }
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly node: string
    readonly commit: string | null
  }
  readonly rows: readonly ComparisonRow[]
}

interface ComparisonRow {
  readonly name: string
  readonly kind: 'pattern' | 'variant'
  /** Cells of the stress suite: a guarantee, and the figures of each attempt to judge it. */
  readonly stress: readonly {
    readonly guarantee: string
    readonly attempts: readonly { readonly figures: Readonly<Record<string, unknown>> }[]
  }[]
  readonly figures: Readonly<
    Record<
      'pipelined' | 'round-trips',
      { readonly messagesPerSecond: number; readonly serverCpuMicrosPerMessage: number }
    >
  >
  readonly codeLines: number | null
}

/** Throws TypeError for a file of another version. */
export function figuresOf(json: string): Figures {
  const comparison: Comparison = JSON.parse(json)
  if (comparison.schema !== 2) throw new TypeError(`the results have schema ${comparison.schema}, not 2`)
  const { cpu, cores, node, commit } = comparison.machine
  return {
    command: comparison.made.command,
    at: comparison.made.at.slice(0, 10),
    machine: `${cpu}, ${cores} cores, Node ${node}, commit ${commit ?? 'unknown'}`,
    rows: comparison.rows.map(({ name, kind, stress, figures, codeLines }) => ({
      name,
      kind,
      pipelinedPerSecond: Math.round(figures.pipelined.messagesPerSecond),
      roundTripsPerSecond: Math.round(figures['round-trips'].messagesPerSecond),
      pipelinedCpuMicros: Number(figures.pipelined.serverCpuMicrosPerMessage.toPrecision(3)),
      roundTripCpuMicros: Number(figures['round-trips'].serverCpuMicrosPerMessage.toPrecision(3)),
      rateLeft: Number(figureOf(stress, 'G2', 'leftShare').toFixed(3)),
      heldBytes: figureOf(stress, 'G3', 'heldBytes'),
      codeLines,
    })),
  }
}

/** The figure of the attempt that decided. */
function figureOf(cells: ComparisonRow['stress'], guarantee: string, name: string): number {
  const figure = cells.find((cell) => cell.guarantee === guarantee)?.attempts.at(-1)?.figures[name]
  if (typeof figure !== 'number') throw new TypeError(`the results have no ${name} for ${guarantee}`)
  return figure
}
