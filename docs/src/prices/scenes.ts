/**
 * Six problems, and for five of them small worlds in which the patterns differ. A price is proved by the first order of events that breaks what was
 * asked, a promise by `ORDERS` of them that do not; `nodes` has a simulation and a test of its own.
 */
import type { Guarantee, Pattern } from '@switchyard/core'
import { SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { SIMULATED_EXCHANGE } from '@switchyard/protocols/exchange/simulated'
import { SIMULATED_MUX } from '@switchyard/protocols/mux/simulated'
import { send, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { encodeRun, RandomChoices, Recording, ScheduleChoices, startOf } from '@switchyard/sim'
import type { Choices, Move, SimulatedProtocol, World } from '@switchyard/sim'
import { declaring } from '@switchyard/simulated'

export interface Proof {
  /** How many orders of events were run, up to the one that breaks it; and their events. */
  readonly orders: number
  readonly events: number
  /** As `switchyard replay` takes it. */
  readonly broken: { readonly clause: string; readonly message: string; readonly line: string } | null
}

/** A question to every pattern, and the world in which it is asked. */
export interface Scene {
  readonly asks: readonly Guarantee[]
  /** What happens there. */
  readonly says: string
  /** The same for every machine. */
  readonly prove: (pattern: Pattern) => Promise<Proof>
}

/** Enough to find each price: most fall in the first. */
const ORDERS = 40

const CALM = { shutdown: false, limits: {}, cuts: 'whole', prologue: true } as const
const STALL = { kind: 'stall' } as const
const LOGIN = say({ kind: 'login', sequence: 0 } as const)

export const SCENES: Readonly<Record<'router' | 'chat' | 'exchange' | 'mux' | 'epmd', readonly Scene[]>> = {
  router: [
    scene(
      ['G2', 'G4'],
      'Client 0 reads nothing and is sent 3,000 bytes, more than its queue takes; client 2 sends one to client 3.',
      SIMULATED_ROUTER,
      {
        ...CALM,
        limits: { messageBytesMax: 512, queuedBytesMax: 1024 },
        clients: [[STALL], Array.from({ length: 6 }, () => send(0, dots(500))), [send(3, dots(1))], []],
        buffers: { receiveBytes: 512, sendBytes: 64 },
      },
    ),
  ],
  chat: [
    scene(
      ['G9'],
      'Member 0 reads nothing; member 1 says two lines of 40 letters to the room of three.',
      SIMULATED_CHAT,
      {
        ...CALM,
        clients: [[STALL], Array.from({ length: 2 }, () => say({ line: '-'.repeat(40) })), []],
        buffers: { receiveBytes: 512, sendBytes: 32 },
      },
    ),
  ],
  exchange: [
    scene(
      ['G10'],
      'Client 0 enters 40 orders and reads none of the answers; client 1 says nothing, and is to hear a heartbeat each second.',
      SIMULATED_EXCHANGE,
      {
        ...CALM,
        limits: { writeDeadlineMs: 4_000, queuedBytesMax: 1024, messageBytesMax: 1024 },
        options: { heartbeatMs: 1_000, silenceMs: 2_500, windowBytes: 4_096 },
        clients: [[LOGIN, STALL, ...Array.from({ length: 40 }, (_, index) => entering(`t${index}`))], [LOGIN]],
        buffers: { receiveBytes: 512, sendBytes: 64 },
      },
    ),
    scene(['G11'], 'Four clients enter an order each, and the disk is slow.', SIMULATED_EXCHANGE, {
      ...CALM,
      disk: 'slow',
      clients: Array.from({ length: 4 }, () => [LOGIN, entering('a')]),
      buffers: { receiveBytes: 32, sendBytes: 32 },
    }),
  ],
  mux: [
    scene(
      ['G12'],
      'Two multiplexers, joined by one connection, with four streams; both ends of each say 48 bytes.',
      SIMULATED_MUX,
      {
        ...CALM,
        limits: { messageBytesMax: 32, queuedBytesMax: 1024 },
        clients: Array.from({ length: 8 }, (_, from) => Array.from({ length: 2 }, () => say({ from, count: 24 }))),
        buffers: { receiveBytes: 8, sendBytes: 8 },
      },
    ),
  ],
  epmd: [
    scene(
      ['G2', 'G4'],
      'Client 0 has a name; client 1 asks for all names and does not read the answer; client 2 asks where the name is.',
      SIMULATED_EPMD,
      {
        ...CALM,
        clients: [
          [say({ kind: 'register', name: 'a' })],
          [STALL, say({ kind: 'names', name: '' })],
          [say({ kind: 'port', name: 'a' })],
        ],
        buffers: { receiveBytes: 32, sendBytes: 8 },
      },
    ),
  ],
}

function scene<Say>(
  asks: readonly Guarantee[],
  says: string,
  protocol: SimulatedProtocol<Say>,
  world: World<Say>,
): Scene {
  return {
    asks,
    says,
    async prove(pattern) {
      const start = startOf(protocol, declaring({ pattern }, asks).pattern)
      let events = 0
      for (let order = 0; order < ORDERS; order++) {
        const recording = new Recording(choicesOf(order))
        const outcome = await start(world, recording).run()
        events += outcome.events.length
        if (!outcome.violation) continue
        const line = encodeRun({ pattern: pattern.name, world, schedule: recording.schedule }, protocol.speech)
        return { orders: order + 1, events, broken: { ...outcome.violation, line } }
      }
      return { orders: ORDERS, events, broken: null }
    },
  }
}

/** The plainest order first. */
function choicesOf(order: number): Choices {
  return order === 0 ? new ScheduleChoices([]) : new RandomChoices(order)
}

function say<Say>(what: Say): Move<Say> {
  return { kind: 'say', say: what }
}

function entering(token: string): Move<{
  readonly kind: 'enter'
  readonly token: string
  readonly side: 'S'
  readonly shares: number
  readonly price: number
  readonly rests: true
}> {
  return say({ kind: 'enter', token, side: 'S', shares: 1, price: 1, rests: true })
}

function dots(bytes: number): Uint8Array {
  return new Uint8Array(bytes).fill(0x2e)
}
