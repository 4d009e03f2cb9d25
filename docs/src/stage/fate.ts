import type { Lane } from './player.ts'
import { indexAt } from './run.ts'

/** What is to be said of a server at a glance. */
export interface Fate {
  readonly kind: 'begins' | 'flows' | 'slower' | 'stalled' | 'deadlock' | 'recovered'
  readonly text: string
}

const RECENT_MS = 1_500

/** From what has arrived lately, who waits, and who was cut off. */
export function fateOf(lane: Lane | undefined, at: number): Fate {
  if (!lane) return { kind: 'begins', text: 'begins' }
  const { frame, run } = lane
  if (frame.deadlock) return { kind: 'deadlock', text: 'deadlock: they wait for each other' }
  const recently = frame.arrived - run.frames[indexAt(run.frames, at - RECENT_MS)]!.arrived
  const stopped = frame.clients.flatMap(({ everyMs, connected }, client) =>
    everyMs === 'never' && connected ? [client] : [],
  )
  const waiting = new Set(frame.waits.flatMap(({ who }) => (who.kind === 'client' ? [who.client] : []))).size
  const cut = frame.clients.findIndex(({ closed }) => closed === 'write-deadline')
  if (cut >= 0) return { kind: 'recovered', text: `client ${cut} was cut off; the others go on` }
  if (stopped.length === 0)
    return at < RECENT_MS ? { kind: 'begins', text: 'begins' } : { kind: 'flows', text: 'flows' }
  if (recently === 0 && waiting > 0)
    return { kind: 'stalled', text: `everybody waits for client ${stopped.join(', ')}` }
  return waiting > 0
    ? { kind: 'slower', text: `client ${namesOf(frame.waits)} waits; the others go on` }
    : { kind: 'flows', text: 'the others go on' }
}

function namesOf(waits: Lane['frame']['waits']): string {
  return [...new Set(waits.flatMap(({ who }) => (who.kind === 'client' ? [String(who.client)] : [])))].join(', ')
}
