/**
 * Mux in simulation: two sessions of one pattern back to back, the connection between them, and clients of both. `two-ends.ts` joins them,
 * `checker.ts` says what must hold.
 */
import type { Random } from '@switchyard/core'
import type { Move, SimulatedProtocol, World } from '@switchyard/sim'
import { Mux } from '../../src/index.ts'
import type { Sizes } from '../../src/index.ts'
import { StreamsChecker } from './checker.ts'
import { MUX_SPEECH } from './speech.ts'
import type { MuxSay } from './speech.ts'
import { backToBack, TwoEnds } from './two-ends.ts'

/** Small, so that a world of some hundred bytes fills every window and every queue. */
const SIZES: Sizes = { windowBytes: 24, frameBytesMax: 8, queuedBytes: 128, unreadBytes: 4096, pendingBytes: 8 }
const TRUNK_BYTES = 8
/** So that a dispatcher's channel fills, too. */
const LIMITS = { messageBytesMax: 32, queuedBytesMax: 1024 }
const PAIRS_MAX = 4
const MOVES_MAX = 8
const SAY_BYTES_MAX = 24
const BUFFER_BYTES = [8, 16, 32]

export const SIMULATED_MUX: SimulatedProtocol<MuxSay> = {
  speech: MUX_SPEECH,
  worlds: ['calm', 'finishing', 'stalled', 'reset'].map((kind) => (random) => randomWorld(random, kind)),
  smallWorld: () => worldOf([[say(0, 8)], [say(100, 8)]], 16),
  create: () => twoEnds(Mux),
  checkerOf: (world, pattern) => new StreamsChecker(world, pattern, SIZES),
  servedBy: backToBack,
}

/** `Multiplexer` is `Mux`, or a copy of it with a planted fault. */
export function twoEnds(Multiplexer: typeof Mux): TwoEnds {
  const end = (opens: boolean): Mux => new Multiplexer({ keepaliveMs: 0 }, { opens, echoes: false }, SIZES)
  return new TwoEnds(end(true), end(false), TRUNK_BYTES)
}

function randomWorld(random: Random, kind: string): World<MuxSay> {
  const clients = Array.from({ length: 2 * (1 + random.below(PAIRS_MAX)) }, () => {
    const moves: Move<MuxSay>[] = Array.from({ length: 1 + random.below(MOVES_MAX) }, () =>
      say(random.below(256), 1 + random.below(SAY_BYTES_MAX)),
    )
    if (kind === 'finishing' && random.below(2) === 0) moves.push({ kind: 'fin' })
    return moves
  })
  const odd = clients[random.below(clients.length)]
  if (kind === 'stalled') odd?.splice(random.below(2), 0, { kind: 'stall' })
  if (kind === 'reset') odd?.push({ kind: 'reset' })
  return worldOf(clients, BUFFER_BYTES[random.below(BUFFER_BYTES.length)] ?? 16, random.below(3) > 0)
}

function worldOf(clients: World<MuxSay>['clients'], bytes: number, cut = false): World<MuxSay> {
  return {
    clients,
    shutdown: false,
    limits: LIMITS,
    buffers: { receiveBytes: bytes, sendBytes: bytes },
    cuts: cut ? 'anywhere' : 'whole',
    prologue: true,
  }
}

function say(from: number, count: number): Move<MuxSay> {
  return { kind: 'say', say: { from, count } }
}
