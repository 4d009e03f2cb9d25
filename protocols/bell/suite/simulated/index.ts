/** The bell in simulation: time is one of those that act, so that a ring meets bytes that are under way. */
import type { Random } from '@switchyard/core'
import { bytesInWords } from '@switchyard/sim'
import type { Move, SimulatedProtocol, Speech, World } from '@switchyard/sim'
import { DeliveryChecker, invariantsOf, withFaults } from '@switchyard/simulated'
import { Bell, RING_MS } from '../../src/index.ts'
import { Rung } from './rung.ts'

/** `q` asks to be told when nothing is queued; `x` says nothing to the bell; `o` offers to the client that came before. */
export type BellSay = 'q' | 'x' | 'o'

const SAYS: readonly BellSay[] = ['q', 'x', 'o']
const WORDS: Readonly<Record<BellSay, string>> = { q: 'to ask', o: 'to offer', x: 'that is nothing to a bell' }
const CLIENTS_MAX = 4
const SAYS_MAX = 4
const BUFFER_BYTES = [8, 64]
/** What is offered is large, and would be many events of a small buffer. */
const OFFER_BUFFER_BYTES = 64 * 1024
const SHUTDOWN_AFTER_MAX = 60
/** For two clients' rings, one after the other's: far below every deadline. */
const TIME_MS = 7 * RING_MS

const SPEECH: Speech<BellSay> = {
  protocol: 'bell',
  begin: () => ({
    hear: () => false,
    introduced: () => true,
    bytesOf: (_, what) => Uint8Array.of(what.charCodeAt(0)),
  }),
  label: (what, { bytes }) => `sends ${bytesInWords(bytes)} ${WORDS[what]}`,
  encode: (what) => what,
  decode: (text) => SAYS.find((what) => what === text),
}

export const SIMULATED_BELL: SimulatedProtocol<BellSay> = {
  speech: SPEECH,
  worlds: ['calm', 'faults', 'shutdown'].map((kind) => (random) => randomWorld(random, kind)),
  smallWorld: () => ({
    prologue: true,
    clients: [[say('x')]],
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 8, sendBytes: 8 },
    cuts: 'whole',
    timeMs: RING_MS,
  }),
  create: () => new Bell(),
  checkerOf: (world, pattern) => new DeliveryChecker(world, pattern, [...invariantsOf(pattern, world), new Rung()]),
}

function randomWorld(random: Random, kind: string): World<BellSay> {
  const offers = random.below(3) === 0
  const clients = Array.from({ length: 1 + random.below(CLIENTS_MAX) }, () => {
    const moves = Array.from({ length: random.below(SAYS_MAX) }, () => say(SAYS[random.below(offers ? 3 : 2)] ?? 'q'))
    return kind === 'calm' ? moves : withFaults(random, moves)
  })
  const size = BUFFER_BYTES[random.below(BUFFER_BYTES.length)] ?? 64
  return {
    clients,
    shutdown: kind === 'shutdown',
    ...(kind === 'shutdown' && { shutdownAfter: random.below(SHUTDOWN_AFTER_MAX) }),
    limits: {},
    buffers: { receiveBytes: 64, sendBytes: offers ? OFFER_BUFFER_BYTES : size },
    cuts: 'whole',
    ...(random.below(4) > 0 && { timeMs: TIME_MS }),
  }
}

function say(what: BellSay): Move<BellSay> {
  return { kind: 'say', say: what }
}
