/**
 * Server CPU per message, beside 0, 1,000 and 5,000 connections on which nothing happens (G6). One message is under way at a
 * time, so that each turn has one to do, and whatever a turn costs beside it is seen.
 *
 * A machine's speed drifts, so rounds go through all levels in turn, with the connections made and ended anew. What disturbs
 * a block of messages (another process, a collection) only ever adds to it, and beside other work many blocks cost twice
 * or thrice as much: so a level is known by the least that one of its blocks cost.
 */
import type { Client } from '@switchyard/harness'
import { verdictOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { openFilesMax } from '@switchyard/harness'
import { PingPong } from '../load/ping-pong.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'
import { Unable } from '../load/errors.ts'
import { times } from '../units.ts'

const LEVELS = [0, 1_000, 5_000] as const
const ROUNDS = 3
/** In each round, at each level. */
const BLOCKS = 6
const BLOCK_MESSAGES = 1_000
const BLOCK_MS_MAX = 400
/** Before the first block: code that is not compiled yet would be counted where there are no idle connections. */
const WARMUP_MESSAGES = 10_000
const WARMUP_MS_MAX = 4_000
const SAMPLE_MS = 10
/** What a process needs beside the idle connections. */
const OTHER_FILES = 100

/** The protocol's 1.15; and what costs so much more is not flat, however noisy the machine. */
const RATIO = { holdsMax: 1.15, paidMin: 1.6 } as const
/** At so many times as much the answer is clear, and accepting thousands more may take minutes. */
const CLEAR_RATIO = 5

/** What was seen. Plain data. */
export interface Idle {
  /** The last ones may be missing, where it was clear before. */
  readonly levels: readonly number[]
  /** For each level, server CPU per message of each block, µs. */
  readonly micros: readonly (readonly number[])[]
}

export const idle: Scene = {
  shows: ['G6'],
  speaks: 'pair',
  async play(open) {
    const needed = LEVELS.at(-1)! + OTHER_FILES
    if (openFilesMax() < needed) {
      throw new Unable(
        `${LEVELS.at(-1)} idle connections need ${needed} open files, and ${openFilesMax()} are allowed (ulimit -n)`,
      )
    }
    await using stage = await open()
    return { G6: flatness(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<Idle> {
  const [here, there] = await stage.connect(2)
  const exchange = new PingPong(stage, here!, there!, 1)
  exchange.serve()
  await messagesPass(stage, exchange, WARMUP_MESSAGES, WARMUP_MS_MAX)
  const micros: number[][] = LEVELS.map(() => [])
  for (let round = 0; round < ROUNDS; round++) {
    const idlers: Client[] = []
    for (const [at, level] of LEVELS.entries()) {
      idlers.push(...(await stage.connect(level - idlers.length)))
      micros[at]!.push(...(await blocks(stage, exchange)))
      if (least(micros[at]!) >= CLEAR_RATIO * least(micros[0]!)) {
        return { levels: LEVELS.slice(0, at + 1), micros: micros.slice(0, at + 1) }
      }
    }
    await stage.leave(idlers, 2)
  }
  return { levels: LEVELS, micros }
}

/** Server CPU per message of several blocks, µs. */
async function blocks(stage: Stage, exchange: PingPong): Promise<readonly number[]> {
  const micros: number[] = []
  for (let block = 0; block < BLOCKS; block++) {
    const first = { ...(await stage.cpu()), messages: exchange.messages }
    await messagesPass(stage, exchange, BLOCK_MESSAGES, BLOCK_MS_MAX)
    const last = { ...(await stage.cpu()), messages: exchange.messages }
    micros.push((last.cpuMicros - first.cpuMicros) / (last.messages - first.messages))
  }
  return micros
}

/** Settles when so many more have arrived, or after `msMax`. */
async function messagesPass(stage: Stage, exchange: PingPong, count: number, msMax: number): Promise<void> {
  const until = exchange.messages + count
  const untilMs = performance.now() + msMax
  while (exchange.messages < until && performance.now() < untilMs) await stage.pause(SAMPLE_MS)
}

/** G6: at most 1.15 times as much CPU per message at 5,000 idle connections as at none. */
export function flatness({ levels, micros }: Idle): Finding {
  const each = micros.map(least)
  const ratio = each.at(-1)! / each[0]!
  return {
    verdict: verdictOf(ratio, RATIO),
    figure: times(ratio),
    why: `${levels.map((level, at) => `${each[at]!.toFixed(1)} µs a message at ${level} idle`).join(', ')}: ${times(ratio)}`,
    figures: { ratio, levels, microsPerMessage: each, allMicros: micros.flat() },
  }
}

function least(values: readonly number[]): number {
  return Math.min(...values)
}
