import type { Limits, Server, StatisticsSnapshot } from '@switchyard/core'
import type { NodeStatus } from './nodes.ts'

/** A server that somebody operates, as the statistics tell of it. */
export interface Operated {
  readonly pattern: string
  readonly limits: Limits
  readonly server: Pick<Server, 'statistics' | 'waits'>
  readonly state: () => 'serving' | 'shutting-down'
  /** Lines of the log and of stdout that nobody will read. */
  readonly linesDropped: () => number
  /** It is one of several. */
  readonly node?: { status(): NodeStatus; readonly healthy: boolean }
  /** The protocol's own figures, by name. */
  readonly figures: () => Figures
}

export type Figures = Readonly<Record<string, number | Readonly<Record<string, number>>>>

/** What telling about a server has cost it. */
export interface Told {
  /** Answers by HTTP status. */
  readonly requests: ReadonlyMap<number, number>
  /** CPU time of the server's one thread. */
  readonly seconds: number
  /** Connections that were ended early. */
  readonly cutShort: number
}

/** All of it at one moment. Plain data: fit for JSON. */
export interface Observation {
  readonly pattern: string
  readonly state: 'serving' | 'shutting-down'
  readonly pid: number
  readonly uptimeSeconds: number
  readonly limits: Limits
  readonly statistics: Omit<StatisticsSnapshot, 'lastCloses'>
  /** How many wait for something, and how many rings of them there are in which all wait for each other. */
  readonly waiting: number
  readonly deadlocks: number
  readonly linesDropped: number
  /** Where it is one of several. */
  readonly node?: NodeStatus
  /** What the protocol counts itself. */
  readonly protocol: Figures
  readonly told: Omit<Told, 'requests'> & { readonly requests: Readonly<Record<string, number>> }
}

export function observe(
  { pattern, limits, server, state, linesDropped, figures, node }: Operated,
  told: Told,
): Observation {
  const { lastCloses: _, ...statistics } = server.statistics()
  return {
    pattern,
    state: state(),
    pid: process.pid,
    uptimeSeconds: process.uptime(),
    limits,
    statistics,
    waiting: server.waits.edges().length,
    deadlocks: server.waits.cycles().length,
    linesDropped: linesDropped(),
    ...(node && { node: node.status() }),
    protocol: figures(),
    told: { ...told, requests: Object.fromEntries(told.requests) },
  }
}
