import { LIMIT_NAMES } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import type { Schedule } from './choices.ts'
import { fnv1a } from './fnv.ts'
import { scheduleOf, scheduleText } from './replay-notation.ts'
import { DISKS } from './sim-disk.ts'
import type { Speech } from './speech.ts'
import type { Move, World } from './world.ts'

/** What it takes to have a run again, but for the code that runs. */
export interface Run<Say> {
  /** The pattern's name, in kebab-case. */
  readonly pattern: string
  readonly world: World<Say>
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

/** Lines that begin with this name no protocol: they were all made before there was more than this one. */
const FIRST_VERSION = 'sim1'
const FIRST_PROTOCOL = 'router'
const VERSION = 'sim2'
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*$/

/**
 * One line for one run, fit for a shell, a URL's fragment and a chat: no spaces, no quotes, nothing that a shell expands.
 *
 *     sim1:mutex:r64,s16,w:1.aGk,1.QQ@40/0.,f/s:03@4,1:k2f9
 *     sim2:chat:mutex:r64,s16,w,roomMax=2:...
 *
 * - the version of this notation, the protocol's name, and the pattern's; for the router `sim1` and no protocol;
 * - the world: bytes that the kernel keeps for each connection, received and to be sent; `w` where reads bring whatever
 *   has arrived, `a` where they are cut anywhere; `d` if the server is told to shut down, `d20` if not before event 20;
 *   `p` for a prologue; `c250` if time may pass by itself until 250 ms; `k0` for a disk that is slow, `k1` dead, `k2` failing; limits as their letter and their value
 *   (`LIMIT_LETTERS`); options of the protocol as `name=value`;
 * - the clients, each with its moves: `f` FIN, `r` reset, `s` stall, `c` continue to read, and whatever else it says, as the
 *   speech of its protocol writes it: of the router `1.aGk` sends a body to client 1 (`bytesText`), `b1.aGk` only begins to;
 * - the schedule: an answer a character, 0 to z; `3@4,` four times 3; `=40,` the answer 40;
 * - a checksum over all before it.
 *
 * Throws TypeError for a pattern's name that is not kebab-case, and for what the speech writes if that does not fit in a line.
 */
export function encodeRun<Say>({ pattern, world, schedule }: Run<Say>, speech: Speech<Say>): string {
  for (const name of [pattern, speech.protocol]) {
    if (!KEBAB_CASE.test(name)) throw new TypeError(`"${name}" is no name of a pattern or a protocol`)
  }
  const head = speech.protocol === FIRST_PROTOCOL ? [FIRST_VERSION] : [VERSION, speech.protocol]
  const clients = world.clients.map((moves) => moves.map((move) => moveText(move, speech)).join(',')).join('/')
  const line = [...head, pattern, worldText(world), clients, scheduleText(schedule)].join(':')
  return `${line}:${checksum(line)}`
}

/** The protocol whose speech a line is written in. Throws ReplayLineError for what does not begin as a line does. */
export function protocolOf(line: string): string {
  const [version, protocol = ''] = line.trim().split(':')
  if (version === FIRST_VERSION) return FIRST_PROTOCOL
  if (version === VERSION) return protocol
  throw new ReplayLineError(
    `a line to replay begins with "${FIRST_VERSION}:" or "${VERSION}:", this one with "${line.trim().slice(0, 5)}"`,
  )
}

/** Throws ReplayLineError for a line that `encodeRun` did not make with this speech. */
export function decodeRun<Say>(line: string, speech: Speech<Say>): Run<Say> {
  const text = line.trim()
  const protocol = protocolOf(text)
  const end = text.lastIndexOf(':')
  if (text.slice(end + 1) !== checksum(text.slice(0, end))) {
    throw new ReplayLineError(
      'the checksum at the end of the line does not fit: part of the line is missing or mistyped',
    )
  }
  if (protocol !== speech.protocol) {
    throw new ReplayLineError(`the line is of the protocol "${protocol}", not of "${speech.protocol}"`)
  }
  const parts = text
    .slice(0, end)
    .split(':')
    .slice(text.startsWith(FIRST_VERSION) ? 1 : 2)
  const [pattern = '', world = '', clients = '', schedule = '', ...more] = parts
  if (more.length > 0) refuse(text)
  const moves = clients.split('/').map((script) => movesOf(script, speech))
  return { pattern, world: { ...settingOf(world), clients: moves }, schedule: scheduleOf(schedule, refuse) }
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

function worldText({
  buffers,
  cuts,
  shutdown,
  shutdownAfter,
  prologue,
  timeMs,
  disk,
  limits,
  options = {},
}: World): string {
  const parts = [`r${buffers.receiveBytes}`, `s${buffers.sendBytes}`, cuts === 'whole' ? 'w' : 'a']
  if (shutdown) parts.push(`d${shutdownAfter ?? ''}`)
  if (prologue) parts.push('p')
  if (timeMs !== undefined) parts.push(`c${timeMs}`)
  if (disk) parts.push(`k${DISKS.indexOf(disk)}`)
  for (const name of LIMIT_NAMES) if (limits[name] !== undefined) parts.push(`${LIMIT_LETTERS[name]}${limits[name]}`)
  for (const [name, value] of Object.entries(options)) parts.push(`${name}=${value}`)
  return parts.join(',')
}

/** The world without its clients. */
function settingOf(text: string): Omit<World, 'clients'> {
  const parts = text.split(',')
  const named = parts.map((part) => part.split('=', 2)).filter((pair) => pair.length === 2)
  const options = Object.fromEntries(named.map(([name, value]) => [name, Number(value)]))
  const values = new Map(
    parts.filter((part) => !part.includes('=')).map((part) => [part.slice(0, 1), Number(part.slice(1))]),
  )
  const limits: { -readonly [Name in keyof Limits]?: Limits[Name] } = {}
  for (const name of LIMIT_NAMES) {
    const value = values.get(LIMIT_LETTERS[name])
    if (value !== undefined) limits[name] = value
  }
  const shutdownAfter = values.get('d') ?? 0
  const receiveBytes = values.get('r') ?? refuse(text)
  const sendBytes = values.get('s') ?? refuse(text)
  const timeMs = values.get('c')
  const disk = DISKS[values.get('k') ?? DISKS.length]
  return {
    shutdown: values.has('d'),
    ...(shutdownAfter > 0 ? { shutdownAfter } : {}),
    limits,
    ...(named.length > 0 ? { options } : {}),
    buffers: { receiveBytes, sendBytes },
    cuts: values.has('w') ? 'whole' : 'anywhere',
    ...(values.has('p') ? { prologue: true } : {}),
    ...(timeMs === undefined ? {} : { timeMs }),
    ...(disk ? { disk } : {}),
  }
}

function moveText<Say>(move: Move<Say>, speech: Speech<Say>): string {
  if (move.kind !== 'say') return LETTER_OF[move.kind]
  const text = speech.encode(move.say)
  if (/^[\w.@=-]+$/.test(text) && !MOVES.has(text)) return text
  throw new TypeError(`"${text}" cannot be said in a line to replay`)
}

const LETTER_OF = { fin: 'f', reset: 'r', stall: 's', resume: 'c' } as const
const MOVES: ReadonlyMap<string, Exclude<Move, { kind: 'say' }>> = new Map(
  (['fin', 'reset', 'stall', 'resume'] as const).map((kind) => [LETTER_OF[kind], { kind }]),
)

function movesOf<Say>(text: string, speech: Speech<Say>): Move<Say>[] {
  return text === '' ? [] : text.split(',').map((move) => MOVES.get(move) ?? { kind: 'say', say: sayOf(move, speech) })
}

function sayOf<Say>(text: string, speech: Speech<Say>): Say {
  return speech.decode(text) ?? refuse(text)
}

function refuse(text: string): never {
  throw new ReplayLineError(`"${text}" is not part of this notation`)
}

/** Four characters: one damaged line in 1.7 million would pass. */
function checksum(text: string): string {
  return (fnv1a(new TextEncoder().encode(text)) % 36 ** 4).toString(36).padStart(4, '0')
}
