/**
 * What a hostile peer does to a multiplexer. Another peer says something in a stream and hears it, over and over: that must go on, and what
 * is held must not grow.
 */
import type { Socket } from 'node:net'
import { settlesWithin, within } from '@switchyard/harness'
import {
  DATA,
  dataFrame,
  frame,
  HEADER_BYTES,
  PING,
  PROTOCOL_ERROR,
  RST,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from '@switchyard/protocols/mux'
import { MUX } from '@switchyard/protocols/mux/suite'
import { HEAP_NOISE_BYTES } from './abuse.ts'
import type { Abuse } from './abuse.ts'
import { besideOne } from './beside-one.ts'
import type { Situation } from './beside-one.ts'
import { Bystander } from './bystander.ts'

const PINGS = { full: 10_000_000, short: 100_000 } as const
const OPENED = { full: 1_000_000, short: 20_000 } as const
const LIARS = { full: 1_000, short: 20 } as const
const STREAMS = { full: 10_000, short: 500 } as const
const PIECE_FRAMES = 4096
const PATIENCE_MS = 60_000
/** A peer that is not read from has no more taken for so long. */
const STUCK_MS = 1_000
/** So long a liar may go on. */
const LIE_MS = 10_000
/** Liars that go on: the next would say the same. */
const PROBLEMS_ENOUGH = 3

/** What each of these does ends its connection, with the reason before. */
const LIES: Readonly<Record<string, Uint8Array>> = {
  'more than the window': Buffer.concat([frame(WINDOW_UPDATE, SYN, 1, 0), frame(DATA, 0, 1, WINDOW_BYTES + 1)]),
  'a window beyond all bounds': Buffer.concat([
    frame(WINDOW_UPDATE, SYN, 1, 2 ** 32 - 1),
    frame(WINDOW_UPDATE, 0, 1, 2 ** 32 - 1),
  ]),
  'an unknown type': frame(9, 0, 1, 0),
  'an unknown version': Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0),
  'an id that is open': Buffer.concat([frame(WINDOW_UPDATE, SYN, 1, 0), frame(WINDOW_UPDATE, SYN, 1, 0)]),
  'an id of the wrong parity': frame(WINDOW_UPDATE, SYN, 2, 0),
  'stream 0': dataFrame(0, Uint8Array.of(1)),
}

export const MUX_ABUSES: readonly Abuse[] = [
  beside('pings', `${PINGS.full} pings of a peer that reads nothing`, (situation) =>
    flood(situation, PINGS[situation.scale], (index) => frame(PING, SYN, 0, index)),
  ),
  beside('opens', `${OPENED.full} streams opened by a peer that reads nothing`, (situation) =>
    flood(situation, OPENED[situation.scale], (index) => frame(WINDOW_UPDATE, SYN, 2 * index + 1, 0)),
  ),
  beside('opens-and-reads', `${OPENED.full} streams opened by a peer that reads the resets`, opensAndReads),
  beside('opens-and-closes', `${STREAMS.full} streams, each opened, used and reset`, async (situation) => {
    const { rude, scale } = situation
    const client = MUX.client('rude', await rude.socket())
    for (let index = 0; index < STREAMS[scale]; index++) {
      const id = 2 * index + 1
      await client.open(id)
      await client.say(id, 'x')
      await client.expectEcho(id, 'x')
      await client.send(frame(WINDOW_UPDATE, RST, id, 0))
    }
  }),
  beside('lies', `${LIARS.full} peers that each break a rule are told so, and ended`, lies),
]

function beside(name: string, what: string, abuse: (situation: Situation) => Promise<void>): Abuse {
  return besideOne(name, what, talker, abuse)
}

/** Says something in one stream, and grants what comes back. */
function talker(socket: Socket): Bystander {
  const client = MUX.client('bystander', socket)
  return new Bystander(client, async (count) => {
    if (count === 0) await client.open(1)
    const text = `line ${count}`
    await client.say(1, text)
    await client.expectEcho(1, text)
    await client.send(frame(WINDOW_UPDATE, 0, 1, text.length))
  })
}

/** As many frames as the server takes of a peer that reads nothing: it must stop to take them, or have answered all. */
async function flood(
  { victim, rude, problems, figures }: Situation,
  frames: number,
  frameOf: (index: number) => Uint8Array,
): Promise<void> {
  const socket = await rude.socket()
  socket.pause()
  const before = await victim.heldBytes()
  let sent = 0
  while (sent < frames && !socket.destroyed) {
    const first = sent
    const count = Math.min(PIECE_FRAMES, frames - sent)
    const piece = Buffer.concat(Array.from({ length: count }, (_, index) => frameOf(first + index)))
    if (!(await settlesWithin(STUCK_MS, taken(socket, piece)))) break
    sent += count
  }
  figures['framesTaken'] = sent
  const held = (await victim.heldBytes()) - before
  figures['heldMeanwhileBytes'] = held
  if (held > HEAP_NOISE_BYTES) problems.push(`${held} bytes are held for a peer that reads nothing`)
}

async function opensAndReads({ rude, scale, problems, figures }: Situation): Promise<void> {
  const socket = await rude.socket()
  let bytes = 0
  const frames = OPENED[scale]
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes >= frames * HEADER_BYTES) resolve()
    })
    socket.on('close', () => resolve())
  })
  for (let sent = 0; sent < frames; sent += PIECE_FRAMES) {
    const count = Math.min(PIECE_FRAMES, frames - sent)
    await taken(
      socket,
      Buffer.concat(Array.from({ length: count }, (_, index) => frame(WINDOW_UPDATE, SYN, 2 * (sent + index) + 1, 0))),
    )
  }
  if (!(await settlesWithin(PATIENCE_MS, answered)) || bytes < frames * HEADER_BYTES) {
    problems.push(`${frames} streams were opened, and ${bytes / HEADER_BYTES} answers came`)
  }
  figures['answers'] = bytes / HEADER_BYTES
}

async function lies({ rude, scale, problems }: Situation): Promise<void> {
  const each = Object.entries(LIES)
  for (let liar = 0; liar < LIARS[scale]; liar++) {
    const [what, bytes] = each[liar % each.length] ?? ['nothing', new Uint8Array()]
    const client = MUX.client(what, await rude.socket())
    try {
      await client.send(bytes)
      await within(LIE_MS, client.expectGoneAway(PROTOCOL_ERROR), () => {
        throw new Error(`the connection still stands after ${LIE_MS / 1000} s`)
      })
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    }
    client.destroy()
    if (problems.length >= PROBLEMS_ENOUGH) return
  }
}

/** Settles when the operating system has taken it, or the connection has ended. */
function taken(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => void socket.write(bytes, () => resolve()))
}
