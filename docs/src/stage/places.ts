/** Where things are drawn: pure geometry, in CSS pixels. */
import type { Frame, PartyView } from './frame.ts'
import type { Letter } from './mail.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** One way to draw a server and its clients. */
export interface Layout {
  readonly kind: 'lane' | 'ring'
  /** From a client to the server: what a message travels in `travelMs`. */
  readonly path: number
  /** Where a client sends from, and where it reads. */
  sender(client: number): Point
  reader(client: number): Point
  /** Where a connection enters and leaves the server. */
  entry(client: number): Point
  exit(client: number): Point
  party(party: PartyView): Point
  /** `place`: how many are in front of it where it is. */
  letter(letter: Letter, place: number): Point
}

const DOT_STEP = 9
const LANE_MARGIN = 26
const LANE_TOP = 12

/** Senders on the left, the server in the middle, the same clients as readers on the right. */
export function laneLayout({ width, height }: Size, clients: number): Layout {
  const row = (client: number): number => LANE_TOP + ((height - 2 * LANE_TOP) * client) / Math.max(1, clients - 1)
  const left = width * 0.42
  const right = width * 0.58
  const sender = (client: number): Point => ({ x: LANE_MARGIN, y: row(client) })
  const reader = (client: number): Point => ({ x: width - LANE_MARGIN, y: row(client) })
  const middle: Point = { x: width / 2, y: height / 2 }
  return {
    kind: 'lane',
    path: left - LANE_MARGIN,
    sender,
    reader,
    entry: (client) => ({ x: left, y: row(client) }),
    exit: (client) => ({ x: right, y: row(client) }),
    party: (party) =>
      party.kind === 'client' ? sender(party.client) : party.of === undefined ? middle : { x: right, y: row(party.of) },
    letter({ from, to, at }, place) {
      switch (at) {
        case 'incoming':
          return { x: left - 8 - place * DOT_STEP, y: row(from) }
        case 'inside':
          return { x: Math.min(left + 9 + place * DOT_STEP, middle.x), y: row(from) }
        case 'queued':
          return { x: Math.max(right - 9 - place * DOT_STEP, left + 9), y: row(to) }
        case 'outgoing':
          return { x: width - LANE_MARGIN - 12 - place * DOT_STEP, y: row(to) }
        case 'read':
          return reader(to)
        case 'dropped':
        case 'lost':
          return { x: middle.x, y: height - 6 }
      }
    },
  }
}

/** The server in the middle, its clients around it; each has a rail in and a rail out. */
export function ringLayout({ width, height }: Size, clients: number): Layout {
  const center: Point = { x: width / 2, y: height / 2 }
  const outer = Math.min(width, height) / 2 - 30
  const inner = outer * 0.42
  const around = (client: number, radius: number, aside: number): Point => {
    const angle = -Math.PI / 2 + (2 * Math.PI * client) / clients
    return {
      x: center.x + Math.cos(angle) * radius - Math.sin(angle) * aside,
      y: center.y + Math.sin(angle) * radius + Math.cos(angle) * aside,
    }
  }
  const RAIL = 7
  return {
    kind: 'ring',
    path: outer - inner,
    sender: (client) => around(client, outer, 0),
    reader: (client) => around(client, outer, 0),
    entry: (client) => around(client, inner, -RAIL),
    exit: (client) => around(client, inner, RAIL),
    party: (party) =>
      party.kind === 'client'
        ? around(party.client, outer, 0)
        : party.of === undefined
          ? center
          : around(party.of, inner, RAIL),
    letter({ from, to, at }, place) {
      switch (at) {
        case 'incoming':
          return around(from, inner + 8 + place * DOT_STEP, -RAIL)
        case 'inside':
          return around(from, inner - 12 - Math.min(place, 3) * DOT_STEP, -RAIL)
        case 'queued':
          return around(to, inner - 10 - (place % 4) * DOT_STEP, RAIL + Math.floor(place / 4) * DOT_STEP)
        case 'outgoing':
          return around(to, outer - 20 - place * DOT_STEP, RAIL)
        case 'read':
          return around(to, outer, 0)
        case 'dropped':
        case 'lost':
          return center
      }
    },
  }
}

/** For each letter of a frame, by its key: where it belongs. */
export function lettersOf({ letters }: Frame, layout: Layout): ReadonlyMap<string, Point> {
  const counts = new Map<string, number>()
  const points = new Map<string, Point>()
  for (const letter of letters) {
    const { at, from, to } = letter
    const queue = at === 'incoming' || at === 'inside' ? `${at}${from}` : `${at}${to}`
    const place = counts.get(queue) ?? 0
    counts.set(queue, place + 1)
    points.set(letter.key, layout.letter(letter, place))
  }
  return points
}
