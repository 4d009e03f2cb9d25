import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'
import type { MetricSpec } from '@switchyard/conformance'
import type { NodeStatus } from './nodes.ts'
import type { Observation } from './operated.ts'

/** One metric of ours: a number, or one for each value of its label. */
export interface Metric {
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  readonly label?: string
  readonly help: string
  readonly read: (observation: Observation) => number | Readonly<Record<string, number>>
}

/** docs/operating.md has them as a table; a test holds the two together. */
export const METRICS: readonly Metric[] = [
  {
    name: 'switchyard_info',
    kind: 'gauge',
    label: 'pattern',
    help: 'Always 1; the label says which pattern serves',
    read: ({ pattern }) => ({ [pattern]: 1 }),
  },
  {
    name: 'switchyard_connections_open',
    kind: 'gauge',
    help: 'Connections not yet closed, the lingering ones included',
    read: ({ statistics }) => statistics.connections.open,
  },
  {
    name: 'switchyard_connections_accepted_total',
    kind: 'counter',
    help: 'Connections that were given an id',
    read: ({ statistics }) => statistics.connections.accepted,
  },
  {
    name: 'switchyard_connections_refused_total',
    kind: 'counter',
    help: 'Connections closed without an id (R5.2)',
    read: ({ statistics }) => statistics.connections.refused,
  },
  {
    name: 'switchyard_connections_closed_total',
    kind: 'counter',
    label: 'reason',
    help: 'Connections that have ended, by reason',
    read: ({ statistics }) => statistics.closes,
  },
  {
    name: 'switchyard_received_bytes_total',
    kind: 'counter',
    help: 'Bytes read from clients',
    read: ({ statistics }) => statistics.bytesIn,
  },
  {
    name: 'switchyard_sent_bytes_total',
    kind: 'counter',
    help: 'Bytes to clients that the operating system has accepted',
    read: ({ statistics }) => statistics.bytesOut,
  },
  {
    name: 'switchyard_decided_messages_total',
    kind: 'counter',
    help: "Messages that the protocol has sent to somebody, each connection's greeting (its id) included",
    read: ({ statistics }) => statistics.decided.sends,
  },
  {
    name: 'switchyard_decided_bytes_total',
    kind: 'counter',
    help: 'Their bytes: sent, dropped, or still queued',
    read: ({ statistics }) => statistics.decided.bytes,
  },
  {
    name: 'switchyard_dropped_messages_total',
    kind: 'counter',
    help: 'Messages for an id that was not connected (R3.7)',
    read: ({ statistics }) => statistics.drops['not-connected'].sends,
  },
  {
    name: 'switchyard_refused_messages_total',
    kind: 'counter',
    help: 'Messages that were offered to a client that had no room for them',
    read: ({ statistics }) => statistics.drops.refused.sends,
  },
  {
    name: 'switchyard_dropped_bytes_total',
    kind: 'counter',
    label: 'reason',
    help: 'Bytes that the protocol sent and that were discarded: for nobody, for who had no room, or queued for a client that was aborted',
    read: ({ statistics }) => ({
      'not-connected': statistics.drops['not-connected'].bytes,
      refused: statistics.drops.refused.bytes,
      aborted: statistics.drops.aborted.bytes,
    }),
  },
  {
    name: 'switchyard_held_bytes',
    kind: 'gauge',
    label: 'place',
    help: 'Bytes held, by place and capacity (R5.4, R5.6)',
    read: ({ statistics: { held } }) => {
      const { total: _, ...places } = held
      return places
    },
  },
  {
    name: 'switchyard_held_bytes_max',
    kind: 'gauge',
    help: 'The limit at which reading pauses (R5.6)',
    read: ({ limits }) => limits.heldBytesMax,
  },
  {
    name: 'switchyard_waits',
    kind: 'gauge',
    help: 'Edges of the wait-for graph: who waits for a lock, for room, for a client to read',
    read: ({ waiting }) => waiting,
  },
  {
    name: 'switchyard_deadlocks',
    kind: 'gauge',
    help: 'Rings in the wait-for graph; anything but 0 is a defect',
    read: ({ deadlocks }) => deadlocks,
  },
  {
    name: 'switchyard_listener_errors_total',
    kind: 'counter',
    help: 'Errors that the listener reported; running out of descriptors is none: see process_open_fds',
    read: ({ statistics }) => statistics.listenerErrors,
  },
  {
    name: 'switchyard_log_lines_dropped_total',
    kind: 'counter',
    help: 'Lines of the log and of stdout that nobody read, or that could not be written',
    read: ({ linesDropped }) => linesDropped,
  },
  {
    name: 'switchyard_stats_requests_total',
    kind: 'counter',
    label: 'status',
    help: 'Requests for these statistics that were answered, by HTTP status',
    read: ({ told }) => told.requests,
  },
  {
    name: 'switchyard_stats_seconds_total',
    kind: 'counter',
    help: "What making the answers has taken of the server's one thread",
    read: ({ told }) => told.seconds,
  },
  {
    name: 'switchyard_stats_connections_cut_total',
    kind: 'counter',
    help: 'Connections to the statistics that were ended early: silent, slow, or the oldest of too many',
    read: ({ told }) => told.cutShort,
  },
  {
    name: 'switchyard_link_up',
    kind: 'gauge',
    label: 'node',
    help: '1 while the link to another node stands, where this server is a node of several',
    read: byNode(({ state }) => (state === 'linked' ? 1 : 0)),
  },
  {
    name: 'switchyard_links_total',
    kind: 'counter',
    label: 'node',
    help: 'Links to that node that there have been',
    read: byNode(({ links }) => links),
  },
  {
    name: 'switchyard_link_queued_bytes',
    kind: 'gauge',
    label: 'node',
    help: 'Bytes sent over the link that the other node has not taken',
    read: byNode(({ queuedBytes }) => queuedBytes),
  },
  {
    name: 'switchyard_link_windows',
    kind: 'gauge',
    label: 'node',
    help: 'Clients of that node with something on the way to them',
    read: byNode(({ windows }) => windows),
  },
  {
    name: 'switchyard_link_in_doubt_messages',
    kind: 'gauge',
    label: 'node',
    help: 'Messages of broken links of which it is not known whether they arrived',
    read: byNode(({ inDoubt }) => inDoubt),
  },
  {
    name: 'switchyard_nodes_lost_messages_total',
    kind: 'counter',
    label: 'reason',
    help: 'Messages for clients of other nodes, or from there, that were dropped, by reason',
    read: ({ node }) => ({ ...node?.losses }),
  },
  {
    name: 'switchyard_shutting_down',
    kind: 'gauge',
    help: '1 from the signal to the end',
    read: ({ state }) => (state === 'shutting-down' ? 1 : 0),
  },
]

function byNode(of: (peer: NodeStatus['peers'][number]) => number): Metric['read'] {
  return ({ node }) => Object.fromEntries((node?.peers ?? []).map((peer) => [String(peer.node), of(peer)]))
}

/** What Prometheus scrapes: ours, and those of Node that prom-client knows. */
export class Metrics {
  readonly #registry = new Registry()
  readonly #instruments: readonly { readonly metric: Metric; readonly set: (value: number, label?: string) => void }[]

  /** `own` are those of the protocol. */
  constructor(own: readonly MetricSpec[]) {
    collectDefaultMetrics({ register: this.#registry })
    const theirs = own.map(({ name, kind, label, help }): Metric => {
      const read = ({ protocol }: Observation): number | Readonly<Record<string, number>> => protocol[name] ?? {}
      return { name: `switchyard_${name}`, kind, help, read, ...(label !== undefined && { label }) }
    })
    this.#instruments = [...METRICS, ...theirs].map((metric) => ({ metric, set: this.#instrument(metric) }))
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** In Prometheus's text format; every number of ours is of the same moment. */
  render(observation: Observation): Promise<string> {
    for (const { metric, set } of this.#instruments) {
      const value = metric.read(observation)
      if (typeof value === 'number') set(value)
      else for (const [label, labelled] of Object.entries(value)) set(labelled, label)
    }
    return this.#registry.metrics()
  }

  /** A counter of theirs can only be increased; ours are counted elsewhere, so it starts anew each time. */
  #instrument({ name, kind, label, help }: Metric): (value: number, labelled?: string) => void {
    const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [this.#registry] }
    const labelsOf = (labelled?: string): Record<string, string> =>
      label === undefined || labelled === undefined ? {} : { [label]: labelled }
    switch (kind) {
      case 'gauge': {
        const gauge = new Gauge(options)
        return (value, labelled) => gauge.set(labelsOf(labelled), value)
      }
      case 'counter': {
        const counter = new Counter(options)
        return (value, labelled) => {
          counter.remove(labelsOf(labelled))
          counter.inc(labelsOf(labelled), value)
        }
      }
    }
  }
}
