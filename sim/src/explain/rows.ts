import type { Event, Outcome } from '../events.ts'

/** One line of a drawn schedule: the event in words, and what it looks like between the lifelines. */
export interface Row {
  readonly text: string
  readonly mark: Mark
}

/** Lanes are the clients by their numbers and then the server. */
export type Mark =
  /** Bytes, or what stands for an end of them, pass from one to the other. */
  | { readonly kind: 'arrow'; readonly from: number; readonly to: number }
  /** Something that one does by itself. */
  | { readonly kind: 'point'; readonly lane: number }
  /** Something that happens to all: time. */
  | { readonly kind: 'rule' }

/** How many clients a run had, as far as it shows. */
export function clientsIn({ events }: Outcome): number {
  return events.reduce((count, event) => ('client' in event ? Math.max(count, event.client + 1) : count), 0)
}

export function rowsOf(outcome: Outcome): readonly Row[] {
  const server = clientsIn(outcome)
  return outcome.events.map((event) => ({ text: describe(event), mark: markOf(event, server) }))
}

/** One event in words. */
export function describe(event: Event): string {
  switch (event.kind) {
    case 'connect':
      return `client ${event.client} ${event.refused ? 'is refused' : 'connects'}`
    case 'move':
      return describeMove(event)
    case 'deliver':
      switch (event.what) {
        case 'bytes':
          return `server reads ${bytes(event.bytes)} from client ${event.client}`
        case 'fin':
          return `server reads the FIN of client ${event.client}`
        case 'reset':
          return `server notices the reset of client ${event.client}`
      }
    // Each `what` has returned.
    case 'accept':
      return `kernel accepts ${event.bytes} more for client ${event.client}`
    case 'read':
      return `client ${event.client} reads ${bytes(event.bytes.length)}`
    case 'end':
      return `client ${event.client} sees ${event.end === 'fin' ? 'the FIN' : 'a reset'}`
    case 'turn':
      return 'turn ends'
    case 'time':
      return `time is ${event.now} ms`
    case 'shutdown':
      return 'server is told to shut down'
  }
}

function describeMove({ client, move, bytes: count, whole }: Extract<Event, { kind: 'move' }>): string {
  switch (move.kind) {
    case 'send':
      return `client ${client} sends ${bytes(count)} for client ${move.to}${whole ? '' : ' (in part)'}`
    case 'begin':
      return `client ${client} begins with ${bytes(count)} for client ${move.to}`
    case 'fin':
      return `client ${client} sends FIN`
    case 'reset':
      return `client ${client} resets its connection`
    case 'stall':
      return `client ${client} stops reading`
    case 'resume':
      return `client ${client} reads again`
  }
}

function markOf(event: Event, server: number): Mark {
  switch (event.kind) {
    case 'connect':
    case 'deliver':
      return { kind: 'arrow', from: event.client, to: server }
    case 'read':
    case 'end':
      return { kind: 'arrow', from: server, to: event.client }
    case 'move':
      return { kind: 'point', lane: event.client }
    case 'accept':
    case 'turn':
    case 'shutdown':
      return { kind: 'point', lane: server }
    case 'time':
      return { kind: 'rule' }
  }
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`
}
