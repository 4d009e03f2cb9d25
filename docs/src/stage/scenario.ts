/** What a stage runs, as one value and as one line for a link. */

/**
 * Who sends to whom. `pairs`: 0 and 1 to each other, 2 and 3, and so on; `everyone`: to anybody; `one`: all to the last; `room`:
 * in a chat, so that everybody hears it.
 */
export const TRAFFICS = ['pairs', 'everyone', 'one', 'room'] as const
export type Traffic = (typeof TRAFFICS)[number]

/** From `at` on, a client reads at most once in `everyMs`; `never`: it does not read at all. */
export interface Pace {
  readonly at: number
  readonly client: number
  readonly everyMs: number | 'never'
}

export interface Scenario {
  /** By name, in the order in which they are shown; all get the same. */
  readonly servers: readonly string[]
  readonly clients: number
  readonly traffic: Traffic
  readonly seed: number
  /** About how long a client waits between two messages. */
  readonly everyMs: number
  /** About how long a message is. */
  readonly bodyBytes: number
  readonly queuedBytesMax: number
  readonly writeDeadlineMs: number
  /** What the kernel keeps for a connection, in each direction. */
  readonly bufferBytes: number
  /** How long a sync takes of the disk on which each decision lies before it is delivered; 0: there is none. */
  readonly diskMs: number
  /** Clients send until then. */
  readonly durationMs: number
  /** What was done to readers, in order of time. */
  readonly paces: readonly Pace[]
}

export const DEFAULT_SCENARIO: Scenario = {
  servers: ['mutex'],
  clients: 6,
  traffic: 'pairs',
  seed: 7,
  everyMs: 480,
  bodyBytes: 110,
  queuedBytesMax: 1024,
  writeDeadlineMs: 8_000,
  bufferBytes: 256,
  diskMs: 0,
  durationMs: 60_000,
  paces: [],
}

/** A link that names no scenario: cut short, mistyped, or with a value that makes no sense. */
export class LinkError extends Error {
  readonly code = 'LINK'

  constructor(message: string) {
    super(message)
    this.name = 'LinkError'
  }
}

type NumberKey =
  | 'clients'
  | 'seed'
  | 'everyMs'
  | 'bodyBytes'
  | 'queuedBytesMax'
  | 'writeDeadlineMs'
  | 'bufferBytes'
  | 'diskMs'
  | 'durationMs'

/** In a link: the letter of each number, and the range in which it makes sense. */
const NUMBERS: Readonly<Record<NumberKey, readonly [letter: string, min: number, max: number]>> = {
  clients: ['n', 2, 8],
  seed: ['s', 0, 2 ** 32 - 1],
  everyMs: ['e', 50, 60_000],
  bodyBytes: ['b', 4, 400],
  queuedBytesMax: ['q', 1024, 2 ** 20],
  writeDeadlineMs: ['d', 100, 600_000],
  bufferBytes: ['k', 16, 2 ** 16],
  diskMs: ['c', 0, 10_000],
  durationMs: ['u', 1_000, 600_000],
}
const NUMBER_KEYS: readonly NumberKey[] = [
  'clients',
  'seed',
  'everyMs',
  'bodyBytes',
  'queuedBytesMax',
  'writeDeadlineMs',
  'bufferBytes',
  'diskMs',
  'durationMs',
]
const VERSION = 'stage1'
const PACES_MAX = 200

/** `stage1;mutex+race;pairs;n6;s7;…;x3200.5.never`: fit for a URL's fragment. */
export function encodeScenario(scenario: Scenario): string {
  const given = NUMBER_KEYS.filter((key) => key !== 'diskMs' || scenario.diskMs > 0)
  const numbers = given.map((key) => `${NUMBERS[key][0]}${scenario[key]}`)
  const paces = scenario.paces.map(({ at, client, everyMs }) => `x${at}.${client}.${everyMs}`)
  return [VERSION, scenario.servers.join('+'), scenario.traffic, ...numbers, ...paces].join(';')
}

/** Throws LinkError for a line that `encodeScenario` did not make. Whether the servers exist is not asked here. */
export function decodeScenario(line: string): Scenario {
  const [version, servers = '', traffic = '', ...rest] = line.trim().split(';')
  if (version !== VERSION)
    throw new LinkError(`this link begins with "${version?.slice(0, 12)}", not with "${VERSION}"`)
  const known = TRAFFICS.find((name) => name === traffic)
  if (!known) throw new LinkError(`the traffic is "${traffic}": it is one of ${TRAFFICS.join(', ')}`)
  const numbers: Partial<Record<NumberKey, number>> = {}
  const paces: Pace[] = []
  for (const part of rest) {
    if (part.startsWith('x')) {
      paces.push(paceOf(part))
      continue
    }
    const key = NUMBER_KEYS.find((name) => NUMBERS[name][0] === part.slice(0, 1))
    if (!key) throw new LinkError(`"${part}" is not part of a link`)
    numbers[key] = numberIn(key, part)
  }
  const scenario = { ...DEFAULT_SCENARIO, ...numbers, servers: servers.split('+'), traffic: known, paces }
  if (paces.length > PACES_MAX) throw new LinkError(`${paces.length} changes of pace: at most ${PACES_MAX}`)
  const stranger = paces.find(({ client }) => client >= scenario.clients)
  if (stranger) throw new LinkError(`there is no client ${stranger.client} among ${scenario.clients}`)
  return scenario
}

function numberIn(key: NumberKey, part: string): number {
  const [, min, max] = NUMBERS[key]
  const value = wholeNumber(part.slice(1))
  if (value === undefined || value < min || value > max) {
    throw new LinkError(`${key} is ${part.slice(1)}: it must be a whole number from ${min} to ${max}`)
  }
  return value
}

function paceOf(part: string): Pace {
  const [at, client, every] = part.slice(1).split('.')
  const pace = { at: wholeNumber(at), client: wholeNumber(client) }
  const everyMs = every === 'never' ? 'never' : wholeNumber(every)
  if (pace.at === undefined || pace.client === undefined || everyMs === undefined) {
    throw new LinkError(`"${part}" is no change of pace`)
  }
  return { at: pace.at, client: pace.client, everyMs }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined
}
