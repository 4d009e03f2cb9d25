import { send } from '@switchyard/protocols/router/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import type { Move, Schedule, World } from '@switchyard/sim'

/** Where a client does not read: who does what, and in which order things happen. */
export interface Setting {
  readonly world: World<RouterSay>
  readonly schedule: Schedule
}

/** Small, so that it is soon met; large enough for a server that divides it among several places. */
const LIMITS = { messageBytesMax: 300, queuedBytesMax: 1024, writeDeadlineMs: 1_000 } as const
/** A message that a kernel takes only a part of; and one of which few fill a queue. */
const BODY_BYTES = [12, 290] as const
const MESSAGES_MAX = 24
/** What the kernel takes for a client that does not read: next to nothing; and for one that will read it all, in few pieces. */
const SEND_BYTES = 8
const LATE_SEND_BYTES = 256

/**
 * Client 0 does not read, client 1 sends to it, and clients 2 and 3 have nothing to do with that: from one short message to many
 * long ones, the smaller worlds first. In each, everything happens in its turn.
 */
export function* stalledSettings(): Iterable<Setting> {
  for (const { messages, bytes } of sizes()) {
    const clients: Move<RouterSay>[][] = [[{ kind: 'stall' }], flood(0, messages, bytes), [hello(3)], []]
    yield { world: worldOf(clients, SEND_BYTES), schedule: [] }
  }
}

/** The same, but that the client reads again when all has been sent. It is the last, so that only its stall comes out of turn. */
export function* lateReaderSettings(): Iterable<Setting> {
  for (const { messages, bytes } of sizes()) {
    const late: Move<RouterSay>[] = [{ kind: 'stall' }, { kind: 'resume' }]
    const clients = [flood(3, messages, bytes), [hello(2)], [], late]
    yield { world: worldOf(clients, LATE_SEND_BYTES), schedule: [STALL_FIRST] }
  }
}

/** The index of the stall among the first moves of a late reader's setting: two clients could send, and the third could stall. */
const STALL_FIRST = 2

function* sizes(): Iterable<{ readonly messages: number; readonly bytes: number }> {
  for (const bytes of BODY_BYTES) for (let messages = 1; messages <= MESSAGES_MAX; messages++) yield { messages, bytes }
}

function flood(to: number, messages: number, bytes: number): Move<RouterSay>[] {
  return Array.from({ length: messages }, () => text(to, 'b'.repeat(bytes)))
}

function hello(to: number): Move<RouterSay> {
  return text(to, 'hello')
}

function text(to: number, body: string): Move<RouterSay> {
  return send(to, new TextEncoder().encode(body))
}

function worldOf(clients: World<RouterSay>['clients'], sendBytes: number): World<RouterSay> {
  return {
    prologue: true,
    clients,
    shutdown: false,
    limits: LIMITS,
    buffers: { receiveBytes: LIMITS.messageBytesMax, sendBytes },
    cuts: 'whole',
  }
}
