/**
 * C5: a member that stops reading, until more is on its way to it than the kernels between hold. Some servers let it lag alone (G9);
 * in others everybody waits until it reads again, and nothing is missed. The cases hold for both.
 */
import { clauseIn, expectSame, expectTrue } from '@switchyard/conformance/portable'
import type { Client } from './client.ts'
import { familiar } from './steps.ts'
import type { Case, Context } from './steps.ts'

/** 8 MB: on loopback the kernels take about 4 MB, as the simulated ones do. */
const LINES = 20_000
/** Said at once: few enough that nobody misses any who reads. */
const ROUND = 100
const LINE_BYTES = 400

export const LAGGING: readonly Case[] = [
  lagging('C5.1-others-miss-nothing', 'while one member does not read, the others miss nothing', async (context) => {
    const [ann, bob, cat] = await familiar(context, 'c51', 'c51-ann', 'c51-bob', 'c51-cat')
    bob.pause()
    await Promise.all([flood(ann, LINES, ann, cat), readsWhenSettled(context, bob)])
  }),
  lagging(
    'C5.2-told-where',
    'a member is told how many lines it missed, exactly where they are missing',
    async (context) => {
      const [ann, bob] = await familiar(context, 'c52', 'c52-ann', 'c52-bob')
      bob.pause()
      await Promise.all([
        flood(ann, LINES, ann).then(() => ann.say(numbered(LINES))),
        readsWhenSettled(context, bob).then(async () => {
          for (let next = 0; next <= LINES;) {
            const line = await bob.line()
            const missed = missedIn(line)
            if (missed === undefined) expectSame('the next line', `c52-ann: ${numbered(next)}`, line)
            next += missed ?? 1
            expectTrue(next <= LINES + 1, `${bob.name} is told of ${next - LINES - 1} missed lines that nobody said`)
          }
        }),
      ])
    },
  ),
  lagging(
    'C5.3-once-or-counted',
    'each whisper is heard once or counted, and its sender knows which',
    async (context) => {
      const [ann, bob] = await familiar(context, 'c53', 'c53-ann', 'c53-bob')
      bob.pause()
      const texts = Array.from({ length: LINES }, (_, index) => `${index} `.padEnd(LINE_BYTES - 20, 'w'))
      const heard: boolean[] = []
      const whispered = (async () => {
        for (let start = 0; start < LINES; start += ROUND) {
          const round = texts.slice(start, start + ROUND)
          await ann.say(...round.map((text) => `/msg c53-bob ${text}`))
          for (const text of round) {
            const answer = await ann.line()
            heard.push(answer !== 'c53-bob is lagging and missed your whisper')
            if (heard.at(-1)) expectSame('the answer to a whisper', `You whisper to c53-bob: ${text}`, answer)
          }
        }
      })()
      await Promise.all([whispered, readsWhenSettled(context, bob)])
      let missed = 0
      for (const [index, text] of texts.entries()) {
        if (!heard[index]) missed++
        else missed = await expectAfterGap(bob, missed, `c53-ann whispers: ${text}`)
      }
      // Only then, or what is said now could be missed as well.
      for (let told = 0; told < missed;) {
        const line = await bob.line()
        const more = missedIn(line)
        expectTrue(more !== undefined, `${bob.name} hears "${line}", but ${missed - told} lines are still missing`)
        told += more ?? 0
      }
      await ann.say('end')
      await bob.expectLines('c53-ann: end')
    },
  ),
  lagging('C5.4-still-heard', 'a member that does not read is still heard', async (context) => {
    const [ann, bob] = await familiar(context, 'c54', 'c54-ann', 'c54-bob')
    bob.pause()
    let flooded = false
    await Promise.all([
      flood(ann, LINES, ann).then(() => (flooded = true)),
      context.settled().then(() => {
        if (!flooded) bob.resume() // Everybody waits for it here: it is heard when it reads.
      }),
    ])
    await bob.say('still here')
    await ann.expectLines('c54-bob: still here')
  }),
  {
    ...lagging('C5.5-bounded', 'what is held for a member that does not read is bounded', async (context) => {
      const [ann, bob] = await familiar(context, 'c55', 'c55-ann', 'c55-bob')
      const highest = context.highest(({ held }) => held.total)
      bob.pause()
      await Promise.all([flood(ann, LINES, ann), readsWhenSettled(context, bob)])
      const { queuedBytesMax } = context.limits
      // Beside half of the bound for the one that lags: a read, what it becomes for each of two members, and a slab for each.
      const most = queuedBytesMax / 2 + 6 * ROUND * LINE_BYTES
      expectTrue(highest() <= most, `${highest()} bytes were held while one member did not read, more than ${most}`)
    }),
    needs: ['wire', 'limits', 'statistics'],
  },
]

function lagging(id: string, name: string, run: (context: Context) => Promise<void>): Case {
  return { id, clause: clauseIn(id), name, needs: ['wire', 'limits'], options: { floodLinesPerSecond: 0 }, run }
}

/** Says numbered lines, so few at a time that the listeners, who must hear each of them, do not lag. */
async function flood(speaker: Client, lines: number, ...listeners: readonly Client[]): Promise<void> {
  for (let start = 0; start < lines; start += ROUND) {
    const round = Array.from({ length: ROUND }, (_, index) => numbered(start + index))
    await speaker.say(...round)
    const expected = round.map((line) => `${speaker.name}: ${line}`)
    for (const listener of listeners) await listener.expectLines(...expected)
  }
}

/** A client goes on reading when nobody can do anything any more. */
async function readsWhenSettled(context: Context, client: Client): Promise<void> {
  await context.settled()
  client.resume()
}

/** Throws Failed unless this is the next line, behind notices of so many missed ones. Returns 0: none is missed any more. */
async function expectAfterGap(client: Client, missed: number, line: string): Promise<0> {
  let told = 0
  for (;;) {
    const next = await client.line()
    const more = missedIn(next)
    if (more === undefined) {
      expectSame(`${client.name}: the next line`, line, next)
      expectSame(`${client.name}: missed before "${line.slice(0, 40)}", as it was told`, missed, told)
      return 0
    }
    told += more
  }
}

function numbered(index: number): string {
  return `${index} `.padEnd(LINE_BYTES, '.')
}

function missedIn(line: string): number | undefined {
  const [, count] = /^Server is very busy and dropped (\d+) messages, sorry!$/.exec(line) ?? []
  return count === undefined ? undefined : Number(count)
}
