import type { Event, Outcome } from '../events.ts'
import { fnv1a } from '../fnv.ts'
import { describe } from './rows.ts'
import type { Labels } from './rows.ts'

const SHOWN_BYTES = 16

/**
 * A run as text, one line for each I/O event and a last one for the verdict. Nothing in it depends on the machine, the
 * runtime or the time: the same world, schedule and server have the same log, byte for byte.
 */
export function renderLog<Say>({ events, violation }: Outcome<Say>, labels: Labels<Say>): string {
  const lines = events.map((event, index) => `${index + 1} ${describe(event, labels)}${content(event)}`)
  return [...lines, violation ? `${violation.clause} ${violation.message}` : 'no violation', ''].join('\n')
}

/** What a client read, since that is what a server did: the first bytes, and of more than these a hash of all. */
function content(event: Event): string {
  if (event.kind !== 'read') return ''
  const hex = Array.from(event.bytes.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return event.bytes.length > SHOWN_BYTES ? ` ${hex} ${fnv1a(event.bytes).toString(16).padStart(8, '0')}` : ` ${hex}`
}
