/** Chat on the five, under random orders of events; and what must hold of it is seen not to hold of chats with a planted fault. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATTERNS } from '@switchyard/impls'
import type * as chat from '@switchyard/protocols/chat'
import { CHAT_OPTIONS, SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { FAULTS } from '@switchyard/protocols/chat/suite'
import { decodeRun, inTurn, runSeeds, ScheduleChoices, startOf } from '@switchyard/sim'
import type { Start } from '@switchyard/sim'
import { declaring } from '@switchyard/simulated'
import { expect, test } from 'vitest'
import { writeCopies } from '../src/deletions/compile.ts'

const SEEDS = 200

/** What each of these breaks, as a world sees it. */
const SEEN = [
  ['old-name-never-free', 'C2.5'],
  ['said-to-all-rooms', 'C3.3'],
  ['room-outlives-its-members', 'C3.2'],
  ['users-as-they-came', 'C4.3'],
  ['gap-miscounted', 'C5.2'],
] as const

const root = fileURLToPath(new URL('../../../', import.meta.url))
const work = fileURLToPath(new URL('../planted/', import.meta.url))
const reactor = PATTERNS.find(({ name }) => name === 'reactor')!

test.each(PATTERNS.map((pattern) => [pattern.name, pattern] as const))('%s', async (_, pattern) => {
  expect(await violation(startOf(SIMULATED_CHAT, pattern))).toBe(undefined)
})

test.each(PATTERNS.filter(({ guarantees }) => !guarantees.G9).map((pattern) => [pattern.name, pattern] as const))(
  '%s pays with G9',
  async (_, pattern) => {
    expect(await violation(startOf(SIMULATED_CHAT, declaring({ pattern }, ['G9']).pattern))).toBe('G9')
  },
)

test.each(SEEN)('%s breaks %s', async (id, clause) => {
  const fault = FAULTS.find((each) => each.id === id)
  if (!fault) throw new Error(`there is no fault ${id}`)
  const { file, find, replace } = fault
  const text = readFileSync(join(root, 'protocols/chat/src', file), 'utf8').replace(find, () => replace)
  const [copy = ''] = writeCopies(`protocols/chat/src/${file}`, [text], join(work, `simulated-${id}`))
  const { Chat }: typeof chat = await import(join(copy, 'index.ts'))
  expect(await violation(startOf({ ...SIMULATED_CHAT, create: () => new Chat(CHAT_OPTIONS) }, reactor))).toBe(clause)
})

test('the last words of a shutdown, which nobody is read to have heard, are one step of a total order', async () => {
  const line = 'sim2:chat:channels:r8,s8,w,d,p:f/f/f:20201010011011:sl80'
  const { world, schedule } = decodeRun(line, SIMULATED_CHAT.speech)
  const channels = PATTERNS.find(({ name }) => name === 'channels')!
  const { violation: found } = await startOf(SIMULATED_CHAT, channels)(world, new ScheduleChoices(schedule)).run()
  expect(found).toBe(undefined)
})

/** The clause that the first run breaks that breaks one. */
async function violation(
  start: Start<Parameters<typeof SIMULATED_CHAT.speech.encode>[0]>,
): Promise<string | undefined> {
  const world = inTurn(SIMULATED_CHAT.worlds)
  for await (const { seed, outcome } of runSeeds({ start, world, from: 1, to: SEEDS })) {
    if (outcome.violation) {
      console.info(`seed ${seed}: ${outcome.violation.message}`)
      return outcome.violation.clause
    }
  }
  return undefined
}
