import type { Event, Outcome } from '../events.ts'
import type { Speech } from '../speech.ts'

/** What is said, in words. */
export type Labels<Say> = Pick<Speech<Say>, 'label'>

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

export function rowsOf<Say>(outcome: Outcome<Say>, labels: Labels<Say>): readonly Row[] {
  const server = clientsIn(outcome)
  return outcome.events.map((event) => ({ text: describe(event, labels), mark: markOf(event, server) }))
}

/** One event in words. */
export function describe<Say>(event: Event<Say>, labels: Labels<Say>): string {
  switch (event.kind) {
    case 'connect':
      return `client ${event.client} ${event.refused ? 'is refused' : 'connects'}`
    case 'move':
      return `client ${event.client} ${moveInWords(event, labels)}`
    case 'deliver':
      switch (event.what) {
        case 'bytes':
          return `server reads ${bytesInWords(event.bytes)} from client ${event.client}`
        case 'fin':
          return `server reads the FIN of client ${event.client}`
        case 'reset':
          return `server notices the reset of client ${event.client}`
      }
    // Each `what` has returned.
    case 'accept':
      return `kernel accepts ${event.bytes} more for client ${event.client}`
    case 'read':
      return `client ${event.client} reads ${bytesInWords(event.bytes.length)}`
    case 'end':
      return `client ${event.client} sees ${event.end === 'fin' ? 'the FIN' : 'a reset'}`
    case 'turn':
      return 'turn ends'
    case 'sync':
      return `disk has committed ${event.committed === 1 ? '1 step' : `${event.committed} steps`}`
    case 'time':
      return `time is ${event.now} ms`
    case 'shutdown':
      return 'server is told to shut down'
  }
}

function moveInWords<Say>(event: Extract<Event<Say>, { kind: 'move' }>, labels: Labels<Say>): string {
  switch (event.move.kind) {
    case 'say':
      return labels.label(event.move.say, event)
    case 'fin':
      return 'sends FIN'
    case 'reset':
      return 'resets its connection'
    case 'stall':
      return 'stops reading'
    case 'resume':
      return 'reads again'
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
    case 'sync':
    case 'shutdown':
      return { kind: 'point', lane: server }
    case 'time':
      return { kind: 'rule' }
  }
}

/** `1 byte`, `2 bytes`. */
export function bytesInWords(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`
}
