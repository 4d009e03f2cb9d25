import type { Random } from '@switchyard/core'
import type { Move, World } from '@switchyard/sim'
import { withFaults } from '@switchyard/simulated'
import { send } from './speech.ts'
import type { RouterSay } from './speech.ts'

/**
 * `calm`: everybody reads, so that G1 applies; `faults`: clients leave, reset, and stop reading for a while or for good;
 * `shutdown`: the server is told to end, with faults or without; `limits`: messages that are too long, queues that are full.
 */
export type WorldKind = 'calm' | 'faults' | 'shutdown' | 'limits'
export const WORLD_KINDS: readonly WorldKind[] = ['calm', 'faults', 'shutdown', 'limits']

/** What the two kernels hold for a connection, bytes: sizes at which a message fits, and sizes at which none does. */
const BUFFER_BYTES = [8, 16, 24, 32, 64] as const
const BODY_BYTES_MAX = 40
/** A message that no buffer takes in. */
const LONG_BODY_BYTES = 100
const MESSAGES_MAX = 4
/** About as many events as a run has: left to chance alone, a shutdown comes before anything else has begun. */
const SHUTDOWN_AFTER_MAX = 100

/** From each sender, where a queue is to become full. */
const CROWDED_MESSAGES = 9

/** What is made small so that it is met. */
const SMALL = { messageBytesMax: 300, queuedBytesMax: 1024, writeDeadlineMs: 1_000 } as const

/** A world of two to four clients. The same numbers make the same world. */
export function randomWorld(random: Random, kind: WorldKind): World<RouterSay> {
  const count = 2 + random.below(3)
  if (kind === 'limits' && random.below(3) === 0) return crowdedWorld(random, count)
  const shutdown = kind === 'shutdown' && { shutdown: true, shutdownAfter: random.below(SHUTDOWN_AFTER_MAX) }
  if (shutdown && random.below(4) === 0) return { ...crowdedWorld(random, count), ...shutdown }
  const faulty = kind === 'faults' || kind === 'limits' || (kind === 'shutdown' && random.below(2) === 0)
  const clients = Array.from({ length: count }, (_, client) => {
    const moves = sendsOf(random, client, count, kind)
    return faulty ? withFaults(random, moves) : moves
  })
  return {
    clients,
    shutdown: false,
    ...shutdown,
    limits: kind === 'limits' ? SMALL : {},
    buffers: buffersOf(random, kind),
    cuts: random.below(3) === 0 ? 'whole' : 'anywhere',
  }
}

/** Two clients with two messages each, and a third that stops reading: small enough to try every schedule of it. */
export function smallWorld(): World<RouterSay> {
  const text = (body: string): Uint8Array => new TextEncoder().encode(body)
  return {
    prologue: true,
    clients: [
      [send(1, text('a0')), send(2, text('a1'))],
      [send(0, text('b0')), send(2, text('b1'))],
      [{ kind: 'stall' }],
    ],
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 16, sendBytes: 4 },
    cuts: 'whole',
  }
}

/**
 * Everybody sends to one that does not read, for good or for a while: more than may be queued for it (R5.4). Sometimes one
 * of the senders reads nothing either, is sent something, and resets: so that it goes while it is held back.
 */
function crowdedWorld(random: Random, count: number): World<RouterSay> {
  const senders = Array.from({ length: count }, (_, i) =>
    Array.from({ length: CROWDED_MESSAGES }, (_move, number): Move<RouterSay> => {
      const body = bodyOf(i + 1, number, SMALL.messageBytesMax - 1 - random.below(100))
      return send(0, body)
    }),
  )
  const stalled: Move<RouterSay>[] =
    random.below(2) === 0 ? [{ kind: 'stall' }] : [{ kind: 'stall' }, { kind: 'resume' }]
  if (random.below(3) === 0) {
    senders[0] = [{ kind: 'stall' }, ...(senders[0] ?? []).slice(0, 2 + random.below(6)), { kind: 'reset' }]
    senders.at(-1)?.unshift(send(1, bodyOf(count, CROWDED_MESSAGES, LONG_BODY_BYTES)))
  }
  return {
    clients: [stalled, ...senders],
    shutdown: false,
    limits: SMALL,
    buffers: { receiveBytes: 64, sendBytes: 64 },
    cuts: 'whole',
    prologue: true,
  }
}

function sendsOf(random: Random, client: number, clients: number, kind: WorldKind): Move<RouterSay>[] {
  const moves: Move<RouterSay>[] = []
  const count = random.below(MESSAGES_MAX + 1)
  for (let number = 0; number < count; number++) {
    moves.push(send(random.below(clients), bodyOf(client, number, lengthOf(random, kind))))
  }
  // A message that never ends holds up its client for good, so it comes last.
  if (random.below(8) === 0) {
    const say: RouterSay = { kind: 'begin', to: random.below(clients), body: bodyOf(client, count, 10) }
    moves.push({ kind: 'say', say })
  }
  return moves
}

function lengthOf(random: Random, kind: WorldKind): number {
  if (kind === 'limits')
    return [12, 200, SMALL.messageBytesMax - 1, SMALL.messageBytesMax][(random.below(16) % 7) % 4] ?? 0
  return random.below(10) === 0 ? LONG_BODY_BYTES : random.below(BODY_BYTES_MAX + 1)
}

function buffersOf(random: Random, kind: WorldKind): World['buffers'] {
  if (kind === 'limits') return { receiveBytes: 64 + random.below(3) * 128, sendBytes: 64 }
  const size = (): number => BUFFER_BYTES[random.below(BUFFER_BYTES.length)] ?? 64
  return { receiveBytes: size(), sendBytes: size() }
}

/** Begins with a letter for its sender and a digit for its number, as far as there is room: no two are alike then. */
function bodyOf(client: number, number: number, length: number): Uint8Array {
  const body = new Uint8Array(length).fill(0x2e)
  body.set([0x61 + client, 0x30 + number].slice(0, length))
  return body
}
