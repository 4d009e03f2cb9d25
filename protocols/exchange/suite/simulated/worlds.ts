import type { Random } from '@switchyard/core'
import type { Move, World } from '@switchyard/sim'
import { withFaults } from '@switchyard/simulated'
import { TRADERS } from './speech.ts'
import type { ExchangeSay } from './speech.ts'

/** What a world has beside trading. */
export type WorldKind = 'trade' | 'faults' | 'takeover' | 'disk' | 'time'
export const WORLD_KINDS: readonly WorldKind[] = ['trade', 'faults', 'takeover', 'disk', 'time']

const COMMANDS_MAX = 6
/** Of a client that reads none of its answers: more than a server queues for it. */
const UNREAD_COMMANDS_MAX = 40
const BUFFER_BYTES = [48, 96, 512] as const
/** Few, so that tokens are used twice and prices meet. */
const TOKENS = ['a', 'b', 'c', 'd'] as const
const SHARES_MAX = 4
const PRICES = 3

/** Heartbeats, and an end to them: whoever says nothing for so long is gone. And more for a client than a server queues for one. */
const TIME: Partial<World<ExchangeSay>> = {
  limits: { writeDeadlineMs: 4_000, queuedBytesMax: 1024, messageBytesMax: 1024 },
  options: { heartbeatMs: 1_000, silenceMs: 2_500, windowBytes: 4096 },
}

/** A world of two or three accounts, and sometimes a second connection of the first. The same numbers make the same world. */
export function randomWorld(random: Random, kind: WorldKind): World<ExchangeSay> {
  const count = kind === 'takeover' ? TRADERS.length : 2 + random.below(2)
  const size = (): number => BUFFER_BYTES[random.below(BUFFER_BYTES.length)] ?? 512
  return {
    clients: Array.from({ length: count }, (_, client) => {
      if (kind === 'time' && client === 0) return unread(random)
      const moves = trading(random)
      return kind === 'trade' ? moves : withFaults(random, moves)
    }),
    shutdown: kind === 'faults' && random.below(3) === 0,
    shutdownAfter: random.below(200),
    limits: {},
    buffers: { receiveBytes: size(), sendBytes: size() },
    cuts: random.below(3) === 0 ? 'anywhere' : 'whole',
    ...(kind === 'disk' && { disk: 'slow' }),
    ...(kind === 'time' && TIME),
  }
}

/** A seller, and a buyer who takes what it offers. */
export function smallWorld(): World<ExchangeSay> {
  const order = { kind: 'enter', token: 'a', shares: 1, price: 1, rests: true } as const
  return {
    prologue: true,
    clients: [
      [say({ kind: 'login', sequence: 0 }), say({ ...order, side: 'S' })],
      [say({ kind: 'login', sequence: 0 }), say({ ...order, side: 'B' })],
    ],
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 512, sendBytes: 512 },
    cuts: 'whole',
  }
}

function trading(random: Random): Move<ExchangeSay>[] {
  const commands = Array.from({ length: 1 + random.below(COMMANDS_MAX) }, () => say(commandOf(random)))
  const end = random.below(4) === 0 ? [say({ kind: 'logout' })] : []
  return [say({ kind: 'login', sequence: random.below(2) }), ...commands, ...end]
}

/** Logs in, reads no more, and sends orders that each find nothing: accepted and canceled. */
function unread(random: Random): Move<ExchangeSay>[] {
  const order = { kind: 'enter', side: 'B', shares: 1, price: 1, rests: false } as const
  const commands = Array.from({ length: 1 + random.below(UNREAD_COMMANDS_MAX) }, (_, index) =>
    say({ ...order, token: `t${index}` }),
  )
  return [say({ kind: 'login', sequence: 0 }), ...commands.slice(0, 1), { kind: 'stall' }, ...commands.slice(1)]
}

function commandOf(random: Random): ExchangeSay {
  const token = (): string => TOKENS[random.below(TOKENS.length)] ?? 'a'
  const shares = random.below(SHARES_MAX + 1)
  const price = 1 + random.below(PRICES)
  switch (random.below(6)) {
    case 0:
      return { kind: 'cancel', token: token(), shares }
    case 1:
      return { kind: 'replace', token: token(), by: token(), shares, price }
    default:
      return {
        kind: 'enter',
        token: token(),
        side: random.below(2) === 0 ? 'B' : 'S',
        shares,
        price,
        rests: random.below(4) > 0,
      }
  }
}

function say(what: ExchangeSay): Move<ExchangeSay> {
  return { kind: 'say', say: what }
}
