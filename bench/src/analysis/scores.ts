import { ratioBetween } from './analysis.ts'
import type { Analysis, Row } from './analysis.ts'
import type { Figure } from './metrics.ts'
import type { Interval } from './statistics/bootstrap.ts'

/** The figures by which a server is known, those of them for which the run has blocks. */
export interface Scores {
  readonly columns: readonly Column[]
  readonly rows: readonly { readonly server: string; readonly values: readonly (Interval | null)[] }[]
}

export interface Column {
  readonly title: string
  /** In what its values are counted. */
  readonly unit: 'ratio' | 'bytes'
  readonly of: (server: string, analysis: Analysis) => Interval | null
}

const COLUMNS: readonly Column[] = [
  toPeer('32 B × yardstick', 'pipelined-32', 'yardstick'),
  toPeer('32 B × nats-server', 'pipelined-32', 'nats-server'),
  toPeer('spread × yardstick', 'spread-32', 'yardstick'),
  toPeer('1 KiB × yardstick', 'pipelined-1k', 'yardstick'),
  toPeer('64 KiB × yardstick', 'pipelined-64k', 'yardstick'),
  toPeer('round trips × yardstick', 'round-trips-128', 'yardstick'),
  toPeer('their p99 × yardstick', 'round-trips-128', 'yardstick', 'p99Micros'),
  {
    title: 'CPU at 5,000 idle × none',
    unit: 'ratio',
    of: (server, analysis) => {
      const crowded = rowOf(analysis, 'idle-5000', server)
      const alone = rowOf(analysis, 'idle-0', server)
      return crowded && alone ? ratioBetween(crowded, alone, 'serverCpuMicros') : null
    },
  },
  {
    title: 'memory/idle client',
    unit: 'bytes',
    of: (server, analysis) => rowOf(analysis, 'idle-5000', server)?.typical.idleRssBytes ?? null,
  },
]

/** The scores of every server, the second name of a server left out. */
export function scoresOf(analysis: Analysis): Scores {
  const servers = [
    ...new Set(
      analysis.workloads.flatMap(({ rows }) =>
        rows.filter(({ subject }) => subject.twinOf === undefined).map(({ subject }) => subject.name),
      ),
    ),
  ]
  const rows = servers.map((server) => ({ server, values: COLUMNS.map(({ of }) => of(server, analysis)) }))
  const shown = COLUMNS.map((_, index) => rows.some(({ values }) => values[index] !== null))
  const kept = <Item>(items: readonly Item[]): Item[] => items.filter((_, index) => shown[index])
  return { columns: kept(COLUMNS), rows: rows.map(({ server, values }) => ({ server, values: kept(values) })) }
}

function toPeer(title: string, workload: string, reference: string, figure: Figure = 'messagesPerSecond'): Column {
  return {
    title,
    unit: 'ratio',
    of: (server, analysis) => {
      const own = rowOf(analysis, workload, server)
      const other = rowOf(analysis, workload, reference)
      return own && other ? ratioBetween(own, other, figure) : null
    },
  }
}

function rowOf({ workloads }: Analysis, workload: string, server: string): Row | undefined {
  return workloads
    .find((each) => each.workload.name === workload)
    ?.rows.find(({ subject, standing }) => subject.name === server && standing.state !== 'failed')
}
