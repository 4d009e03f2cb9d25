/**
 * One client stops reading, and others that say nothing are to be told, beat by beat, that the server lives (G10): does time go on?
 *
 * Before     Eight clients that say nothing: when each hears a beat.
 * Stall      One more sends requests and reads no answer, until the server holds what it cannot send.
 * During     The eight hear beats as before, or none.
 */
import { settlesWithin } from '@switchyard/harness'
import { doubted } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Requester } from '../load/requesters.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'

const QUIET = 8
/** Beats that are waited for, before and during. */
const BEATS_BEFORE = 2
const BEATS_DURING = 3
/** What a beat may be early or late. */
const LATE_MS = 200
/** Requests that are sent at once while the kernel's buffers are filled. */
const ROUND = 2_000
/** What a round takes that is not answered any more. */
const ROUND_MS = 1_000
/** Between two looks at what it holds, and how many of them have to look the same. */
const SETTLE_MS = 20
const UNMOVED = 5
/** No kernel takes the answers of so many rounds for a client that reads nothing. */
const ROUNDS_MAX = 200
/** Held for the one that does not read, or its round would have left. */
const HELD_MIN_BYTES = 16 * 1024
/** Less than a protocol sends to one client at once, so that what a pattern has for one client can be full. */
const QUEUED_BYTES = 128 * 1024
/** Nobody is disconnected before the scene is over. */
const WRITE_DEADLINE_MS = 60_000

/** What was seen. Plain data. */
export interface KeptTime {
  readonly doubts: readonly string[]
  readonly beatMs: number
  /** The longest that one of the others was told nothing, and the shortest between two beats. */
  readonly longestMs: number
  readonly shortestMs: number
  readonly beats: number
  readonly waits: string
}

export const keepsTime: Scene = {
  shows: ['G10'],
  speaks: 'requests',
  async play(open) {
    await using stage = await open({
      writeDeadlineMs: WRITE_DEADLINE_MS,
      queuedBytesMax: QUEUED_BYTES,
      messageBytesMax: QUEUED_BYTES,
    })
    return { G10: timeKept(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<KeptTime> {
  const { beatMs } = stage.requests()
  const [stalled, ...quiet] = await Requester.connect(stage, 1 + QUIET)
  const before = await beatsIn(stage, quiet, beatMs * (BEATS_BEFORE + 0.5))
  stalled!.client.pause()
  const full = await fill(stage, stalled!)
  const during = await beatsIn(stage, quiet, beatMs * (BEATS_DURING + 0.5))
  return {
    doubts: [
      ...(before.longestMs > beatMs + LATE_MS ? ['beats were late before anybody stopped reading'] : []),
      ...(full ? [] : ['the kernel of the client that does not read took whatever it was sent']),
    ],
    beatMs,
    ...during,
    waits: await stage.waits(),
  }
}

async function fill(stage: Stage, stalled: Requester): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const accepted = new Promise<void>((resolve) => stalled.ask(ROUND, resolve))
    if (!(await stage.unless(settlesWithin(ROUND_MS, accepted)))) return true
    if (stage.sight === 'inside' && (await isStuck(stage))) return true
  }
  return false
}

/** Whether the server holds something that does not leave. False as soon as it holds nothing to speak of. */
async function isStuck(stage: Stage): Promise<boolean> {
  let before = await stage.statistics()
  for (let unmoved = 0; unmoved < UNMOVED;) {
    await stage.pause(SETTLE_MS)
    const now = await stage.statistics()
    if (now.held.total < HELD_MIN_BYTES) return false
    unmoved = now.bytesIn === before.bytesIn && now.bytesOut === before.bytesOut ? unmoved + 1 : 0
    before = now
  }
  return true
}

async function beatsIn(
  stage: Stage,
  clients: readonly Requester[],
  ms: number,
): Promise<Pick<KeptTime, 'beats' | 'longestMs' | 'shortestMs'>> {
  let [beats, longestMs, shortestMs] = [0, 0, Infinity]
  const began = performance.now()
  const last = clients.map(() => began)
  for (const [index, client] of clients.entries()) {
    let heard = client.incoming.beats
    client.heard = () => {
      const now = performance.now()
      const since = now - (last[index] ?? began)
      longestMs = Math.max(longestMs, since)
      // The first one is a part of a beat.
      if (last[index] !== began) shortestMs = Math.min(shortestMs, since)
      last[index] = now
      beats += client.incoming.beats - heard
      heard = client.incoming.beats
    }
  }
  await stage.pause(ms)
  for (const client of clients) client.heard = () => {}
  const ended = performance.now()
  return { beats, longestMs: Math.max(longestMs, ...last.map((at) => ended - at)), shortestMs }
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** G10: whoever is to be told something at a time is told it then. */
export function timeKept(seen: KeptTime): Finding {
  const { doubts, beatMs, longestMs, shortestMs, beats, waits } = seen
  return doubted(doubts, {
    verdict: verdictOn(seen),
    figure: beats === 0 ? 'none' : `${Math.round(longestMs)} ms`,
    why:
      `while one client reads nothing, ${QUIET} others that are due to hear something every ${beatMs} ms heard it ${beats} times in ` +
      `${BEATS_DURING + 0.5} beats, at most ${Math.round(longestMs)} ms apart`,
    figures: { beatMs, longestMs, shortestMs, beats, waits },
  })
}

function verdictOn({ beatMs, longestMs, shortestMs }: KeptTime): Verdict {
  if (longestMs >= 2 * beatMs) return 'price-paid'
  return longestMs <= beatMs + LATE_MS && shortestMs >= beatMs - LATE_MS ? 'holds' : 'undecided'
}
