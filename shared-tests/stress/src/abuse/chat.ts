/**
 * What strangers send to a chat. Another member, in a room of its own, says a line and hears it, over and over: that must go on, and what
 * is held must not grow.
 */
import type { Socket } from 'node:net'
import { Random } from '@switchyard/core'
import { settlesWithin, wait } from '@switchyard/harness'
import { CHAT } from '@switchyard/protocols/chat/suite'
import type { Abuse, Measured } from './abuse.ts'
import { besideOne } from './beside-one.ts'
import type { Situation } from './beside-one.ts'
import { Bystander } from './bystander.ts'
import type { ConnectionPool } from './connection-pool.ts'
import { garbage, GARBAGE_BYTES, pour } from './garbage.ts'

const POOL_BYTES = 4 * 1024 * 1024
const RENAMERS = 10
const RENAMES_PER_SECOND = 10_000
const PACE_MS = 10
const RENAMING_MS = { full: 10_000, short: 500 } as const

/** What is no UTF-8, from its first byte to its last: overlong, a surrogate, too high, cut short, out of place. */
const MALFORMED: readonly (readonly number[])[] = [
  [0xc0, 0xaf],
  [0xc1, 0xbf],
  [0xe0, 0x80, 0xaf],
  [0xe0, 0x9f, 0xbf],
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xf0, 0x80, 0x80, 0xaf],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x82, 0x0a],
  [0xf0, 0x9f, 0x98, 0x0a],
  [0xc3, 0x0a],
  [0x80, 0x0a],
  [0xfe, 0x0a],
]
/** Also what objects of JavaScript have, all of them names. */
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', '--', '__', '00']
const ESCAPES = '\u001b[2J\u001b[H\u001b]0;owned\u0007\u009b31m\u0000\u0008\u007f\u0085a\tb'
const SHOWN = '[2J[H]0;owned31ma\tb'
const PATIENCE_MS = 30_000

const encoder = new TextEncoder()

export const CHAT_ABUSES: readonly Abuse[] = [
  beside('garbage', '64 connections send 1 GB of garbage, and then another', async ({ victim, rude, scale }) => {
    // Nearly each of them is closed for its first bytes: it comes again as soon as it sees that.
    await pour(victim, rude, garbage(new Random(1)), GARBAGE_BYTES[scale], 1, async () => {
      const socket = await rude.socket()
      return socket.on('end', () => socket.destroy()).resume()
    })
  }),
  beside(
    'endless-lines',
    '64 connections send lines without end, 1 GB, and then another',
    async ({ victim, rude, scale }) => {
      await pourOnce(victim, rude, Buffer.alloc(POOL_BYTES, 'a'), GARBAGE_BYTES[scale])
    },
  ),
  beside(
    'babble',
    '64 members of one room, who read nothing, say 1 GB of short lines, and then another',
    async ({ victim, rude, scale }) => {
      await pourOnce(victim, rude, Buffer.alloc(POOL_BYTES, 'a line of some words\n'), GARBAGE_BYTES[scale] / 10)
    },
  ),
  beside(
    'malformed-text',
    `${MALFORMED.length} malformed sequences, cut anywhere, each closes its sender and nobody else`,
    malformed,
  ),
  beside('strange-lines', "escape sequences and names like __proto__ do nothing that others don't do", strange),
  beside('renames', `${RENAMERS} members of one room rename themselves ${RENAMES_PER_SECOND} times a second`, rename),
]

function beside(name: string, what: string, abuse: (situation: Situation) => Promise<void>): Abuse {
  return besideOne(name, what, memberAlone, abuse)
}

/** A member alone in its room, who says lines. */
function memberAlone(socket: Socket): Bystander {
  const client = CHAT.client('bystander', socket)
  return new Bystander(client, async (count) => {
    if (count === 0) {
      await client.say('/name bystander', '/join apart')
      await client.readUntil('You joined apart')
    }
    await client.say(`line ${count}`)
    await client.expectLines(`bystander: line ${count}`)
  })
}

async function pourOnce(victim: Measured, rude: ConnectionPool, rubbish: Buffer, bytes: number): Promise<void> {
  await pour(victim, rude, rubbish, bytes, 1)
}

/** Each sequence behind a good line, cut once at each place: the line counts, the sender is closed without a word. */
async function malformed({ rude, problems }: Situation): Promise<void> {
  for (const bytes of MALFORMED) {
    for (let cut = 1; cut <= bytes.length; cut++) {
      const client = await member(rude, 'rude', `room-${hex(bytes).replaceAll(' ', '')}-${cut}`)
      try {
        await client.send(Uint8Array.from([...encoder.encode('good\n'), ...bytes.slice(0, cut)]))
        await client.expectLines('rude: good')
        await client.send(Uint8Array.from(bytes.slice(cut))).catch(() => {}) // It may have been closed for the first part.
        await client.expectClosed(await client.closed())
      } catch (error) {
        problems.push(`${hex(bytes)}, cut at ${cut}: ${error instanceof Error ? error.message : String(error)}`)
      }
      client.destroy()
    }
  }
}

/** What one member says with every control character in it, another one hears without them; names of all kinds are names. */
async function strange({ rude, problems }: Situation): Promise<void> {
  const [ann, bob] = [await member(rude, 'ann', 'strange'), await member(rude, 'bob', 'strange')]
  try {
    await ann.expectLines('bob joined')
    await ann.say(ESCAPES, `/me ${ESCAPES}`, `/msg bob ${ESCAPES}`)
    for (const client of [ann, bob]) await client.expectLines(`ann: ${SHOWN}`, `* ann ${SHOWN}`)
    await bob.expectLines(`ann whispers: ${SHOWN}`)
    await ann.expectLines(`You whisper to bob: ${SHOWN}`)
    let old = 'ann'
    for (const name of NAMES) {
      await bob.say(`/msg ${name} hi`)
      await bob.expectLines(`${name} is not connected`)
      await ann.say(`/name ${name}`, '/users', `/join ${name}`, '/rooms', '/join strange')
      for (const client of [ann, bob]) await client.expectLines(`${old} is now ${name}`)
      await ann.readUntil(`You joined ${name}`)
      await ann.expectLines(
        `Rooms - ${[name, 'apart', 'strange']
          .toSorted()
          .map((room) => `${room} (1)`)
          .join(', ')}`,
      )
      await ann.readUntil('You joined strange')
      await bob.readUntil(`${name} joined`)
      await bob.say(`/name ${name}`)
      await bob.expectLines(`${name} is already taken`)
      old = name
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
  }
  for (const client of [ann, bob]) client.destroy()
}

/** They read what comes, or they would miss most of it. */
async function rename({ rude, scale, problems, figures }: Situation): Promise<void> {
  const renamers = await Promise.all(
    Array.from({ length: RENAMERS }, (_, index) => member(rude, `renamer-${index}`, 'renames')),
  )
  const each = (RENAMES_PER_SECOND * PACE_MS) / 1000 / RENAMERS
  const begunAtMs = performance.now()
  const untilMs = begunAtMs + RENAMING_MS[scale]
  let dueAtMs = begunAtMs
  let number = 0
  for (; performance.now() < untilMs; await wait(Math.max(0, dueAtMs - performance.now()))) {
    const sent = renamers.map((client, index) =>
      client.say(...Array.from({ length: each }, () => `/name r${index}-${number++}`)),
    )
    await Promise.all(sent)
    dueAtMs += PACE_MS
  }
  figures['renamesPerSecond'] = Math.round(number / ((performance.now() - begunAtMs) / 1000))
  const names = renamers.map((_, index) => `renamer-${index}`)
  const listed = async (): Promise<void> => {
    for (const [index, client] of renamers.entries()) await client.say(`/name ${names[index]}`)
    for (const client of renamers) {
      for (const name of names) while (!(await client.line()).endsWith(` is now ${name}`));
    }
    await renamers[0]?.say('/users')
    await renamers[0]?.expectLines(`Users - ${names.join(', ')}`)
  }
  if (!(await settlesWithin(PATIENCE_MS, listed()))) problems.push('names were lost')
  for (const client of renamers) client.destroy()
}

async function member(pool: ConnectionPool, name: string, room: string): Promise<ReturnType<typeof CHAT.client>> {
  const client = CHAT.client(name, await pool.socket())
  await client.say(`/name ${name}`, `/join ${room}`)
  await client.readUntil(`You joined ${room}`)
  return client
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
