import type { Random } from '@switchyard/core'
import type { Move, World } from '@switchyard/sim'
import { say } from './speech.ts'
import type { ChatSay } from './speech.ts'

/** What most of a world's members do, beside talking. */
export type WorldKind = 'talkers' | 'joiners' | 'renamers' | 'laggards' | 'quitters'
export const WORLD_KINDS: readonly WorldKind[] = ['talkers', 'joiners', 'renamers', 'laggards', 'quitters']

/** Few, so that they are fought for. */
const NAMES = ['ann', 'bob', 'main'] as const
const ROOMS = ['main', 'den', 'tea'] as const
const LINES_MAX = 5
/** What is queued for a laggard is soon too much. */
const SMALL = { messageBytesMax: 1024, queuedBytesMax: 1024 } as const
const LAGGED_LINES = 8

/** A world of two to four members. The same numbers make the same world. */
export function randomWorld(random: Random, kind: WorldKind): World<ChatSay> {
  const count = 2 + random.below(3)
  const clients = Array.from({ length: count }, (_, client) =>
    kind === 'laggards' ? lagging(random, client) : movesOf(random, client, kind),
  )
  return {
    clients,
    shutdown: random.below(4) === 0,
    shutdownAfter: random.below(200),
    limits: kind === 'laggards' ? SMALL : {},
    buffers: kind === 'laggards' ? { receiveBytes: 128, sendBytes: 64 } : { receiveBytes: 512, sendBytes: 256 },
    cuts: random.below(3) === 0 ? 'anywhere' : 'whole',
  }
}

/** Two who talk, and one that joins another room. */
export function smallWorld(): World<ChatSay> {
  return {
    prologue: true,
    clients: [[say('a')], [say('b')], [say('/join den')]],
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 4096, sendBytes: 4096 },
    cuts: 'whole',
  }
}

function movesOf(random: Random, client: number, kind: WorldKind): Move<ChatSay>[] {
  const moves = Array.from({ length: 1 + random.below(LINES_MAX) }, (_, number) => {
    return say(random.below(3) === 0 ? `c${client} ${number}` : commandOf(random, client, number, kind))
  })
  if (kind !== 'quitters') return moves
  const end: readonly Move<ChatSay>[] = [say('/quit'), { kind: 'reset' }, { kind: 'fin' }]
  moves.push(end[random.below(end.length)]!)
  return moves
}

function commandOf(random: Random, client: number, number: number, kind: WorldKind): string {
  const name = NAMES[random.below(NAMES.length)]!
  const asked = ['/users', '/rooms', `/me c${client} ${number}`, `/msg ${name} c${client} ${number}`]
  switch (kind) {
    case 'joiners':
    case 'quitters':
      return [`/join ${ROOMS[random.below(ROOMS.length)]}`, ...asked][random.below(4)]!
    case 'renamers':
      return [`/name ${name}`, `/name ${name}`, ...asked][random.below(6)]!
    case 'talkers':
    case 'laggards':
      return `c${client} ${number}`
  }
}

/** Talks at length; the first one does not read, for a while or for good. */
function lagging(random: Random, client: number): Move<ChatSay>[] {
  const lines = Array.from({ length: LAGGED_LINES }, (_, number) => say(`c${client} ${number} ${'.'.repeat(100)}`))
  if (client > 0) return lines
  const moves: Move<ChatSay>[] = [{ kind: 'stall' }, ...lines.slice(0, random.below(LAGGED_LINES))]
  if (random.below(4) > 0) moves.push({ kind: 'resume' }, say('/users'))
  return moves
}
