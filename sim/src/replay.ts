import { LIMIT_NAMES } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import type { Schedule } from './choices.ts'
import { fnv1a } from './fnv.ts'
import { bodyText, LineReader, scheduleText } from './line.ts'
import type { Move, World } from './world.ts'

/** What it takes to have a run again, but for the code that runs. */
export interface Run {
  /** The pattern's name, in kebab-case. */
  readonly pattern: string
  readonly world: World
  readonly schedule: Schedule
}

/** A line that is not a run: cut short, mistyped, or of another version. */
export class ReplayLineError extends Error {
  readonly code = 'REPLAY_LINE'

  constructor(message: string) {
    super(message)
    this.name = 'ReplayLineError'
  }
}

const VERSION = 'sim1'

/**
 * One line for one run, fit for a shell, a URL's fragment and a chat: no spaces, no quotes, nothing that a shell expands.
 *
 *     sim1:mutex:r64,s16,w:1.aGk,1.QQ@40/0.,f/s:03@4,1:k2f9
 *
 * - the version of this notation and the pattern's name;
 * - the world: bytes that the kernel keeps for each connection, received and to be sent; `w` where reads bring whatever
 *   has arrived, `a` where they are cut anywhere; `d` if the server is told to shut down, `d20` if not before event 20;
 *   `p` for a prologue; limits as their letter and their value (`LIMIT_LETTERS`);
 * - the clients, each with its moves: `1.aGk` sends a body in base64url to client 1, `b1.aGk` only begins to; `QQ@40` is
 *   a body of 40 bytes that repeats the one given; `f` FIN, `r` reset, `s` stall, `c` continue to read;
 * - the schedule: an answer a character, 0 to z; `3@4,` four times 3; `=40,` the answer 40;
 * - a checksum over all before it.
 *
 * Throws TypeError for a pattern's name that is not kebab-case.
 */
export function encodeRun({ pattern, world, schedule }: Run): string {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(pattern)) throw new TypeError(`"${pattern}" is no pattern's name`)
  const clients = world.clients.map((moves) => moves.map(moveText).join(',')).join('/')
  const line = [VERSION, pattern, worldText(world), clients, scheduleText(schedule)].join(':')
  return `${line}:${checksum(line)}`
}

/** Throws ReplayLineError for a line that `encodeRun` did not make. */
export function decodeRun(line: string): Run {
  const text = line.trim()
  const end = text.lastIndexOf(':')
  const [version, pattern = '', world = '', clients = '', schedule = '', ...more] = text.slice(0, end).split(':')
  if (version !== VERSION) {
    throw new ReplayLineError(`a line to replay begins with "${VERSION}:", this one with "${text.slice(0, 5)}"`)
  }
  if (text.slice(end + 1) !== checksum(text.slice(0, end)) || more.length > 0) {
    throw new ReplayLineError(
      'the checksum at the end of the line does not fit: part of the line is missing or mistyped',
    )
  }
  return { pattern, world: worldOf(world, clients), schedule: new LineReader(schedule, refuse).schedule() }
}

const LIMIT_LETTERS: Readonly<Record<keyof Limits, string>> = {
  messageBytesMax: 'm',
  connectionsMax: 'n',
  idsMax: 'i',
  writeDeadlineMs: 't',
  queuedBytesMax: 'q',
  lingerMs: 'l',
  graceMs: 'g',
  heldBytesMax: 'h',
}

function worldText({ buffers, cuts, shutdown, shutdownAfter, prologue, limits }: World): string {
  const parts = [`r${buffers.receiveBytes}`, `s${buffers.sendBytes}`, cuts === 'whole' ? 'w' : 'a']
  if (shutdown) parts.push(`d${shutdownAfter ?? ''}`)
  if (prologue) parts.push('p')
  for (const name of LIMIT_NAMES) if (limits[name] !== undefined) parts.push(`${LIMIT_LETTERS[name]}${limits[name]}`)
  return parts.join(',')
}

function worldOf(world: string, clients: string): World {
  const values = new Map(world.split(',').map((part) => [part.slice(0, 1), Number(part.slice(1))]))
  const limits: { -readonly [Name in keyof Limits]?: Limits[Name] } = {}
  for (const name of LIMIT_NAMES) {
    const value = values.get(LIMIT_LETTERS[name])
    if (value !== undefined) limits[name] = value
  }
  const shutdownAfter = values.get('d') ?? 0
  const receiveBytes = values.get('r') ?? refuse(world)
  const sendBytes = values.get('s') ?? refuse(world)
  return {
    clients: clients.split('/').map(movesOf),
    shutdown: values.has('d'),
    ...(shutdownAfter > 0 ? { shutdownAfter } : {}),
    limits,
    buffers: { receiveBytes, sendBytes },
    cuts: values.has('w') ? 'whole' : 'anywhere',
    ...(values.has('p') ? { prologue: true } : {}),
  }
}

function moveText(move: Move): string {
  switch (move.kind) {
    case 'send':
      return `${move.to}.${bodyText(move.body)}`
    case 'begin':
      return `b${move.to}.${bodyText(move.body)}`
    case 'fin':
      return 'f'
    case 'reset':
      return 'r'
    case 'stall':
      return 's'
    case 'resume':
      return 'c'
  }
}

function movesOf(text: string): Move[] {
  return text === '' ? [] : text.split(',').map(moveOf)
}

function moveOf(text: string): Move {
  switch (text) {
    case 'f':
      return { kind: 'fin' }
    case 'r':
      return { kind: 'reset' }
    case 's':
      return { kind: 'stall' }
    case 'c':
      return { kind: 'resume' }
    default: {
      const reader = new LineReader(text, refuse)
      const kind = reader.skip('b') ? 'begin' : 'send'
      return { kind, to: reader.number(), body: reader.skip('.') ? reader.body() : refuse(text) }
    }
  }
}

function refuse(text: string): never {
  throw new ReplayLineError(`"${text}" is not part of this notation`)
}

/** Four characters: one damaged line in 1.7 million would pass. */
function checksum(text: string): string {
  return (fnv1a(new TextEncoder().encode(text)) % 36 ** 4).toString(36).padStart(4, '0')
}
