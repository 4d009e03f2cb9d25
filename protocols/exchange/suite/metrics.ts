import type { MetricSpec } from '@switchyard/conformance/portable'
import type { Protocol } from '@switchyard/core'
import { Exchange } from '../src/index.ts'
import type { JournalFigures } from '../src/index.ts'

const MS_A_SECOND = 1000

/** What who operates an exchange wants to see beside its connections. */
export const METRICS: readonly MetricSpec[] = [
  {
    name: 'exchange_sessions',
    kind: 'gauge',
    help: 'Clients that are logged in',
    read: (protocol) => exchange(protocol).sessions,
  },
  {
    name: 'exchange_orders_total',
    kind: 'counter',
    help: 'Orders that were accepted today',
    read: (protocol) => exchange(protocol).engine.totals.orders,
  },
  {
    name: 'exchange_open_orders',
    kind: 'gauge',
    help: 'Orders that rest in a book',
    read: (protocol) => exchange(protocol).engine.totals.open,
  },
  {
    name: 'exchange_matches_total',
    kind: 'counter',
    help: 'Matches of today, each of two sides',
    read: (protocol) => exchange(protocol).engine.totals.matches,
  },
  {
    name: 'exchange_levels',
    kind: 'gauge',
    label: 'side',
    help: 'Depth: prices at which an order rests, in all books',
    read: (protocol) => exchange(protocol).engine.levels,
  },
  {
    name: 'exchange_stream_bytes',
    kind: 'gauge',
    help: "Memory of the day's streams; at --stream-bytes-max nothing but whole cancels is taken (X7.1)",
    read: (protocol) => exchange(protocol).engine.streamBytes,
  },
  journalled('commands_total', 'Commands that were journaled since the start', ({ commands }) => commands),
  journalled('syncs_total', 'Syncs of the journal: commands by syncs share one', ({ syncs }) => syncs),
  journalled('sync_seconds_total', 'Time that they took', ({ syncMs }) => syncMs / MS_A_SECOND),
  journalled('bytes_total', 'Bytes of batches that were written', ({ bytes }) => bytes),
  {
    name: 'exchange_journal_longest_sync_seconds',
    kind: 'gauge',
    help: 'The longest of them since the start',
    read: (protocol) => (exchange(protocol).journal?.statistics?.longestSyncMs ?? 0) / MS_A_SECOND,
  },
]

/** Of a journal; 0 where there is none. */
function journalled(name: string, help: string, read: (figures: JournalFigures) => number): MetricSpec {
  return {
    name: `exchange_journal_${name}`,
    kind: 'counter',
    help,
    read: (protocol) => {
      const figures = exchange(protocol).journal?.statistics
      return figures ? read(figures) : 0
    },
  }
}

/** Throws TypeError for any other protocol. */
function exchange(protocol: Protocol): Exchange {
  if (protocol instanceof Exchange) return protocol
  throw new TypeError('no exchange has these figures')
}
