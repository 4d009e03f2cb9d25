import type { Random } from '@switchyard/core'
import type { Move, World } from '@switchyard/sim'
import { NODES } from '../cluster.ts'
import type { NodesSay } from './speech.ts'

/**
 * `calm`: nothing breaks. `links`: segments are lost, doubled, late, out of order, and connections to the bus break. `parted`: nodes hear
 * nobody for a while. `killed`: nodes die, and start again, some without their disk; another one starts with a number that is taken.
 * `alone`: a node dies, and starts again while it hears no other. `leaving`: nodes go in order. `flood`: clients of other nodes flood one
 * that reads nothing for a while. `echoes`: what was lost of older links comes again.
 */
const KINDS = ['calm', 'links', 'parted', 'killed', 'alone', 'leaving', 'flood', 'echoes'] as const
type Kind = (typeof KINDS)[number]

/** Small, so that windows fill and messages are cut. */
const BUFFER_BYTES = [32, 64, 96] as const
/** Of a message that windows and buffers hold several of, and of one that they don't. */
const BODY_BYTES = { min: 8, max: 60 } as const
const FLOOD_BODY_BYTES = 220
/** With such bodies frames of messages have one length, so that a segment of one link often fits into the stream of another. */
const ECHO_BODY_BYTES = 30
/** So that few grants come between. */
const ECHO_WINDOW_BYTES = 4096
const TROUBLES: Readonly<Record<Kind, readonly string[]>> = {
  calm: [],
  links: ['cut', 'drop', 'twice', 'swap', 'late'],
  parted: ['part', 'cut', 'part'],
  killed: ['kill', 'forget', 'rival', 'cut'],
  alone: ['kill'],
  leaving: ['leave'],
  flood: [],
  echoes: ['cut'],
}
/** Less than nodes beat without anything else. */
const WRITE_DEADLINE_MS = 5_000
/** A short one is over before others have noticed it; a node that is killed for 0 ms does not start again. */
const TROUBLE_MS = [0, 100, 1_000, 3_000, 6_000] as const
/** Most of them longer than a node listens before it serves. */
const PARTED_MS = [1_000, 3_000, 6_000] as const
const RESTART_MS = 100

export const WORLDS: readonly ((random: Random) => World<NodesSay>)[] = KINDS.map(
  (kind) => (random) => randomWorld(random, kind),
)

/** A client of each of two nodes: every order of events is tried. */
export function smallWorld(): World<NodesSay> {
  return worldOf([[send(1, 0, 8)], [send(0, 0, 8)]], 64)
}

function randomWorld(random: Random, kind: Kind): World<NodesSay> {
  const count = kind === 'flood' ? 4 : kind === 'leaving' ? 5 : 2 + random.below(4)
  const clients = Array.from({ length: count }, (_, client) => script(random, kind, client, count))
  const troubles = troublesOf(random, kind)
  const bytes = kind === 'flood' ? 96 : among(random, BUFFER_BYTES)
  return {
    ...worldOf(troubles.length > 0 ? [...clients, troubles] : clients, bytes, random),
    ...(kind === 'echoes' && { options: { windowBytes: ECHO_WINDOW_BYTES } }),
  }
}

function script(random: Random, kind: Kind, client: number, count: number): Move<NodesSay>[] {
  if (kind === 'flood') {
    if (client === 0) return [{ kind: 'stall' }, ...(random.below(2) === 0 ? [RESUME] : [])]
    return Array.from({ length: 3 + random.below(6) }, (_, number) => send(0, number, FLOOD_BODY_BYTES))
  }
  const length = kind === 'echoes' || kind === 'leaving' ? 12 : random.below(7)
  const moves = Array.from({ length }, (_, number) => {
    const bytes = kind === 'echoes' ? ECHO_BODY_BYTES : random.integer(BODY_BYTES.min, BODY_BYTES.max)
    // Of an echo's clients each speaks to the next: so its frames fit.
    return send(kind === 'echoes' ? (client + 1) % count : random.below(count), number, bytes)
  })
  if (kind === 'echoes' || kind === 'calm' || random.below(8) > 0) return moves
  moves.splice(random.below(moves.length + 1), 0, { kind: 'stall' })
  moves.push(random.below(3) === 0 ? { kind: 'reset' } : RESUME)
  return moves
}

const RESUME: Move<NodesSay> = { kind: 'resume' }

function troublesOf(random: Random, kind: Kind): Move<NodesSay>[] {
  const kinds = TROUBLES[kind]
  if (kinds.length === 0) return []
  if (kind === 'alone') return aloneFor(1 + random.below(NODES), random)
  const count = kind === 'leaving' ? 1 + random.below(2) : 1 + random.below(kind === 'echoes' ? 4 : 3)
  const moves = Array.from({ length: count }, () => {
    return trouble(among(random, kinds), 1 + random.below(NODES), among(random, TROUBLE_MS))
  })
  return kind === 'echoes' ? [trouble('echo', 1, 0), ...moves] : moves
}

function aloneFor(node: number, random: Random): Move<NodesSay>[] {
  const others = Array.from({ length: NODES }, (_, index) => index + 1).filter((other) => other !== node)
  const parted = others.map((other) => trouble('part', other, among(random, PARTED_MS)))
  return [...parted, trouble('kill', node, RESTART_MS)]
}

function among<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)]
  if (value === undefined) throw new RangeError('there is nothing to choose from')
  return value
}

function worldOf(clients: World<NodesSay>['clients'], bytes: number, random?: Random): World<NodesSay> {
  return {
    clients,
    shutdown: false,
    limits: { messageBytesMax: 256, queuedBytesMax: 1024, writeDeadlineMs: WRITE_DEADLINE_MS },
    buffers: { receiveBytes: bytes, sendBytes: bytes },
    cuts: random && random.below(3) > 0 ? 'anywhere' : 'whole',
    prologue: true,
  }
}

function send(to: number, number: number, bytes: number): Move<NodesSay> {
  return { kind: 'say', say: { kind: 'send', to, number, bytes } }
}

function trouble(what: string, node: number, ms: number): Move<NodesSay> {
  return { kind: 'say', say: { kind: 'trouble', what, node, ms } }
}
