import type { ClientId, Server } from '@switchyard/core'

/** What a server shows of itself at one moment. Plain data: fit for JSON, and for another process. */
export interface Look {
  readonly bytesIn: number
  readonly bytesOut: number
  /** Whatever else has happened so far: connections accepted and closed, messages dropped. */
  readonly events: number
  /** Held by now of what has been read in whole messages, or is on its way out. */
  readonly owedBytes: number
  /** One line for each chain of waits, deadlocks first. */
  readonly waits: string
  readonly waiting: number
  readonly deadlocked: boolean
  /** Where chains of waits leave the server: whom somebody waits for to read. */
  readonly unread: readonly ClientId[]
  /** Whom somebody waits for to send. */
  readonly unsent: readonly ClientId[]
}

/**
 * What lies between two looks. `slow`: something moved, however little. `stuck`: nothing did, and here is why; no time will
 * change it, but a client, a deadline or a shutdown may. `idle`: nothing did, and nothing was due.
 */
export type Standstill =
  | { readonly state: 'slow'; readonly bytesIn: number; readonly bytesOut: number; readonly events: number }
  | { readonly state: 'stuck'; readonly why: 'deadlock' | 'inside' | 'nobody-waits' }
  | { readonly state: 'stuck'; readonly why: 'unread' | 'unsent'; readonly clients: readonly ClientId[] }
  | { readonly state: 'idle' }

export function lookAt(server: Pick<Server, 'statistics' | 'waits'>): Look {
  const { bytesIn, bytesOut, held, connections, closes, drops } = server.statistics()
  const { waits } = server
  const edges = waits.edges()
  const unread = new Set<ClientId>()
  const unsent = new Set<ClientId>()
  for (const { what } of edges) {
    if (what.kind === 'reading' || what.kind === 'room') unread.add(what.client)
    else if (what.kind === 'input') unsent.add(what.client)
  }
  const closed = Object.values(closes).reduce((sum, count) => sum + count, 0)
  const dropped = drops['not-connected'].sends + drops.refused.sends + drops['mailbox-full'].sends + drops.aborted.bytes
  return {
    bytesIn,
    bytesOut,
    events: connections.accepted + connections.refused + closed + dropped,
    owedBytes: held.total - held.input,
    waits: waits.render(),
    waiting: edges.length,
    deadlocked: waits.cycles().length > 0,
    unread: [...unread],
    unsent: [...unsent],
  }
}

/** Tells stuck from slow. How long to wait between the two looks is the caller's business: long enough for a step. */
export function standstillOf(before: Look, after: Look): Standstill {
  const bytesIn = after.bytesIn - before.bytesIn
  const bytesOut = after.bytesOut - before.bytesOut
  const events = after.events - before.events
  if (bytesIn + bytesOut + events > 0) return { state: 'slow', bytesIn, bytesOut, events }
  if (after.deadlocked) return { state: 'stuck', why: 'deadlock' }
  if (after.unread.length > 0) return { state: 'stuck', why: 'unread', clients: after.unread }
  if (after.unsent.length > 0) return { state: 'stuck', why: 'unsent', clients: after.unsent }
  if (after.waiting > 0) return { state: 'stuck', why: 'inside' }
  return after.owedBytes > 0 ? { state: 'stuck', why: 'nobody-waits' } : { state: 'idle' }
}

/** As a sentence without its full stop; the chains themselves are in `Look.waits`. */
export function describeStandstill(standstill: Standstill): string {
  switch (standstill.state) {
    case 'slow': {
      const { bytesIn, bytesOut, events } = standstill
      const moved = [
        bytesIn > 0 ? `read ${bytesIn} bytes` : '',
        bytesOut > 0 ? `wrote ${bytesOut} bytes` : '',
        events > 0 ? `saw ${events} other events` : '',
      ]
      return `slow: between two looks it ${moved.filter((part) => part !== '').join(', ')}`
    }
    case 'idle':
      return 'idle: nothing moved between two looks, nobody waits, and nothing is held'
    case 'stuck':
      return `stuck: nothing moved between two looks, and ${whyStuck(standstill)}`
  }
}

function whyStuck(stuck: Extract<Standstill, { state: 'stuck' }>): string {
  switch (stuck.why) {
    case 'deadlock':
      return 'those who wait, wait for each other'
    case 'unread':
      return `the chain of waits ends at ${named(stuck.clients)} not reading`
    case 'unsent':
      return `the chain of waits ends at ${named(stuck.clients)} not sending`
    case 'inside':
      return 'the chain of waits ends inside of the server'
    case 'nobody-waits':
      return 'bytes are held for which nobody waits'
  }
}

const NAMED_MAX = 3

function named(clients: readonly ClientId[]): string {
  const names = clients.slice(0, NAMED_MAX).map((id) => `client ${id}`)
  const more = clients.length - names.length
  return [...names, ...(more > 0 ? [`${more} more`] : [])].join(' and ')
}
