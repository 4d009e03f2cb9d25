import { setMaxListeners } from 'node:events'
import { liveClock } from '@switchyard/core'
import { dial } from '../address.ts'
import type { Address } from '../address.ts'
import { pause } from '../pause.ts'
import { percentiles } from '../percentiles.ts'
import type { Percentiles } from '../percentiles.ts'
import { Bot } from './bot.ts'

export interface BotsPlan {
  readonly talkers: number
  readonly stressers: number
  /** How many share a room. */
  readonly roomSize: number
  readonly seconds: number
  /** Lines that a talker says in a second. */
  readonly rate: number
}

/** What became of every line. `expected` = `heard` + `missed` + `unaccounted`, to the line. */
export interface BotsTotals {
  readonly bots: number
  readonly rooms: number
  /** Lines that were said, and of those the ones that the server refused as too fast. */
  readonly sent: number
  readonly tooFast: number
  /** What this comes to: each line once for each member of its room. */
  readonly expected: number
  /** What really arrived, and what the server has told to be missing. */
  readonly heard: number
  readonly missed: number
  readonly unaccounted: number
  /** From the first line to the last arrival. */
  readonly seconds: number
  readonly heardPerSecond: number
  /** From saying a line to hearing it, ms; undefined if none was timed. */
  readonly latencyMs: Percentiles | undefined
  /** What went wrong with a bot, and how many it happened to. */
  readonly failures: Readonly<Record<string, number>>
}

/** Connections that are under way at a time. */
const DIALS = 50
/** Nothing has arrived for so long: nothing will, ms. */
const SILENCE_MS = 5_000
const TICK_MS = 100
/** Every so many lines of a stresser are timed. */
const SAMPLED = 50

/** Lets bots talk, and counts. Throws Failure if nothing answers, and the signal's reason when it is aborted while they come in. */
export async function runBots(address: Address, plan: BotsPlan, signal: AbortSignal): Promise<BotsTotals> {
  setMaxListeners(0, signal)
  const bots: Bot[] = []
  try {
    const now = (): number => Math.round(liveClock.now() * 100) / 100
    const count = plan.talkers + plan.stressers
    const mark = process.pid.toString(36)
    for (let first = 0; first < count; first += DIALS) {
      const dialled = Array.from({ length: Math.min(DIALS, count - first) }, async (_, index) => {
        const number = first + index
        const name = `bot-${mark}-${number}`
        const room = `bots-${mark}-${Math.floor(number / plan.roomSize)}`
        return new Bot(await dial(address, 'chat', signal), name, room, now, number < plan.talkers ? 1 : SAMPLED)
      })
      const outcomes = await Promise.allSettled(dialled)
      for (const outcome of outcomes) if (outcome.status === 'fulfilled') bots.push(outcome.value)
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      await eventually(() => bots.every(({ joined, failure }) => joined || failure !== undefined), signal)
    }
    const startedAt = liveClock.now()
    await talk(bots, plan, signal)
    const totals = await settled(bots, startedAt)
    const gone = new AbortController()
    const left = Promise.allSettled(bots.map((bot) => bot.leave())).then(() => gone.abort())
    await pause(SILENCE_MS, gone.signal) // However many have not been let go by then.
    void left
    return totals
  } finally {
    for (const bot of bots) bot.destroy()
  }
}

/** Each says its lines for as long as the plan has it, or until the signal. */
async function talk(bots: readonly Bot[], { talkers, seconds, rate }: BotsPlan, signal: AbortSignal): Promise<void> {
  for (const bot of bots) bot.begin()
  for (const bot of bots.slice(talkers)) bot.stress()
  const timers = bots.slice(0, talkers).map((bot) => {
    bot.say()
    return setInterval(() => bot.say(), 1_000 / rate)
  })
  await pause(seconds * 1_000, signal)
  for (const timer of timers) clearInterval(timer)
  for (const bot of bots) bot.calm()
}

/** The totals when all is accounted for, or nothing arrives any more. */
async function settled(bots: readonly Bot[], startedAt: number): Promise<BotsTotals> {
  let before = totalsOf(bots, startedAt)
  let movedAt = liveClock.now()
  while (before.unaccounted > 0 || bots.some(({ flooding }) => flooding)) {
    await pause(TICK_MS)
    for (const bot of bots) if (bot.flooding && bot.failure === undefined) bot.say() // Until it is told how many were too many.
    const after = totalsOf(bots, startedAt)
    if (after.heard + after.missed !== before.heard + before.missed) movedAt = liveClock.now()
    before = after
    if (liveClock.now() - movedAt > SILENCE_MS || bots.every(({ failure }) => failure !== undefined)) break
  }
  return totalsOf(bots, startedAt)
}

function totalsOf(bots: readonly Bot[], startedAt: number): BotsTotals {
  const rooms = new Map<string, Bot[]>()
  for (const bot of bots) {
    const members = rooms.get(bot.room)
    if (members) members.push(bot)
    else rooms.set(bot.room, [bot])
  }
  const sum = (of: (bot: Bot) => number): number => bots.reduce((total, bot) => total + of(bot), 0)
  let expected = 0
  for (const members of rooms.values()) {
    for (const { sent, tooFast } of members) expected += (sent - tooFast) * members.length
  }
  const heard = sum((bot) => bot.heard)
  const missed = sum((bot) => bot.missed)
  const seconds = (liveClock.now() - startedAt) / 1_000
  const failures: Record<string, number> = {}
  for (const { failure } of bots) if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1
  return {
    bots: bots.length,
    rooms: rooms.size,
    sent: sum((bot) => bot.sent),
    tooFast: sum((bot) => bot.tooFast),
    expected,
    heard,
    missed,
    unaccounted: expected - heard - missed,
    seconds,
    heardPerSecond: Math.round(heard / seconds),
    latencyMs: percentiles(bots.flatMap(({ latencies }) => latencies)),
    failures,
  }
}

/** Settles when `met`, or when it has not been for too long. */
async function eventually(met: () => boolean, signal: AbortSignal): Promise<void> {
  const until = liveClock.now() + SILENCE_MS
  while (!met() && liveClock.now() < until) {
    await pause(10)
    signal.throwIfAborted()
  }
}
