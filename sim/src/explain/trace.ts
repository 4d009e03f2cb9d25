import type { Outcome } from '../events.ts'
import { clientsIn, describe } from './rows.ts'
import type { Labels } from './rows.ts'

/** How long an event is drawn, and how far it is from the next, in microseconds. A schedule has an order and no duration. */
const SLICE_US = 800
const STEP_US = 1000

/**
 * A run as Chrome's trace events (Trace Event Format, Google), which ui.perfetto.dev opens: a track for each client and
 * one for the server, a slice for each event, and a flow from each send to the delivery that brings its last byte.
 */
export function renderTrace<Say>(outcome: Outcome<Say>, labels: Labels<Say>): string {
  const server = clientsIn(outcome)
  const names = [...Array.from({ length: server }, (_, client) => `client ${client}`), 'server']
  const tracks = names.flatMap((name, tid) => [
    { ph: 'M', pid: 1, tid, name: 'thread_name', args: { name } },
    { ph: 'M', pid: 1, tid, name: 'thread_sort_index', args: { sort_index: tid } },
  ])
  const slices = outcome.events.map((event, index) => {
    const onClient = event.kind === 'move' || event.kind === 'read' || event.kind === 'end' || event.kind === 'connect'
    const tid = onClient ? event.client : server
    return { ph: 'X', pid: 1, tid, ts: index * STEP_US, dur: SLICE_US, cat: event.kind, name: describe(event, labels) }
  })
  const flows = deliveries(outcome).flatMap(({ client, sent, delivered }, id) => [
    { ph: 's', pid: 1, tid: client, ts: sent * STEP_US, id, cat: 'bytes', name: 'bytes' },
    { ph: 'f', bp: 'e', pid: 1, tid: server, ts: delivered * STEP_US, id, cat: 'bytes', name: 'bytes' },
  ])
  const { violation, waits } = outcome
  const otherData = { violation: violation ? `${violation.clause}: ${violation.message}` : 'none', waits }
  return JSON.stringify({ traceEvents: [...tracks, ...slices, ...flows], otherData })
}

interface Delivery {
  readonly client: number
  /** Numbers of events. */
  readonly sent: number
  readonly delivered: number
}

/** What a client sends arrives in order: so the last byte of a send is known by how many there were. */
function deliveries({ events }: Outcome): readonly Delivery[] {
  const found: Delivery[] = []
  const connections = new Map<
    number,
    { sentBytes: number; deliveredBytes: number; sends: { at: number; end: number }[] }
  >()
  for (const [at, event] of events.entries()) {
    if (event.kind !== 'move' && event.kind !== 'deliver') continue
    const { client, bytes } = event
    const connection = connections.get(client) ?? { sentBytes: 0, deliveredBytes: 0, sends: [] }
    connections.set(client, connection)
    if (event.kind === 'move') {
      connection.sentBytes += bytes
      if (bytes > 0) connection.sends.push({ at, end: connection.sentBytes })
      continue
    }
    connection.deliveredBytes += bytes
    while (connection.sends[0] && connection.sends[0].end <= connection.deliveredBytes) {
      found.push({ client, sent: connection.sends.shift()!.at, delivered: at })
    }
  }
  return found
}
