/**
 * One member of a group stops reading while the others talk (G9): do they go on, and what is that one told?
 *
 * Before     Fifty members; all but one talk in turn: what each hears.
 * Stall      That one stops reading, and the others talk as fast as they hear, until the server keeps no more for it.
 * During     They talk as before, for as long. Then silence: what is held is held for the one that does not read.
 * After      It reads again. What it hears, and what it is told that it missed, must be what was said, to the message.
 */
import { doubted } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Broken } from '../load/errors.ts'
import { GroupTraffic } from '../load/group-traffic.ts'
import type { Member } from '../load/group-traffic.ts'
import { leftOf } from '../progress-left.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'
import { bytes, percent } from '../units.ts'

const MEMBERS = 50
const MESSAGE_BYTES = 400
const MESSAGES_PER_SECOND = 3_000
const WATCH_MS = 1_000
/** Said at once while the kernel's buffers are filled: few enough that nobody who reads misses any. */
const ROUND = 100
/** Between two questions whether something was refused. */
const ASK_ROUNDS = 10
/** A round that takes longer is not heard at all: everybody waits. */
const ROUND_MS = 1_000
/** No kernel takes that much for a client that reads nothing. */
const FILL_BYTES_MAX = 24 * 1024 * 1024
/** Nobody is disconnected before it reads again. */
const WRITE_DEADLINE_MS = 60_000
const CATCH_UP_MS = 20_000

/** What must be left of the others' progress for them to go on, and at most for them to stand still. */
const GOES_ON_MIN = 0.95
const STANDS_MAX = 0.02
/** What may be held for one member beside half of `queuedBytesMax`: what its queue holds more than it has. */
const SLAB_BYTES = 64 * 1024

/** What was seen. Plain data. */
export interface LaggingMember {
  readonly doubts: readonly string[]
  /** Messages that each of the others heard, in equal times. */
  readonly before: readonly number[]
  readonly during: readonly number[]
  /** For the one that does not read, when nobody talks; NaN if others still wait for theirs. */
  readonly heldBytes: number
  readonly allowedBytes: number
  /** By the one that did not read: all that was said since it joined, what it heard, and what it was told that it missed. */
  readonly said: number
  readonly heard: number
  readonly missed: number
  readonly waits: string
}

export const laggingMember: Scene = {
  shows: ['G9'],
  speaks: 'crowd',
  async play(open) {
    await using stage = await open({ writeDeadlineMs: WRITE_DEADLINE_MS })
    return { G9: isolationOfLagging(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<LaggingMember> {
  using group = await GroupTraffic.begin(stage, MEMBERS, MESSAGE_BYTES)
  const [lagging, ...others] = group.members
  group.talk(others, MESSAGES_PER_SECOND)
  await heardIn(stage, others, WATCH_MS / 2)
  const before = await heardIn(stage, others, WATCH_MS)
  group.stop()
  await group.allHeard(stage, others, CATCH_UP_MS)
  lagging!.client.pause()
  const full = await fill(stage, group, others)
  group.talk(others, MESSAGES_PER_SECOND)
  const during = await heardIn(stage, others, WATCH_MS)
  const waits = await stage.waits()
  group.stop()
  const quiet = await group.allHeard(stage, others, ROUND_MS)
  const { held } = await stage.seen()
  const othersMissed = others.reduce((sum, { incoming }) => sum + incoming.missed, 0)
  lagging!.client.resume()
  await group.allHeard(stage, group.members, CATCH_UP_MS)
  const { messages: heard, missed } = lagging!.incoming
  return {
    doubts: [
      ...(before.includes(0) ? ['a member heard nothing before another one stopped reading'] : []),
      ...(full ? [] : ['the kernel of the member that does not read took whatever was said']),
      ...(othersMissed > 0 ? ['the machine is so busy that members who read lag, too'] : []),
    ],
    before,
    during,
    heldBytes: quiet ? held.total : Number.NaN,
    allowedBytes: stage.limits.queuedBytesMax / 2 + SLAB_BYTES,
    said: group.said,
    heard,
    missed,
    waits,
  }
}

/** The others talk as fast as they hear, until nobody hears anything any more, or the server keeps no more for the one that does not read. */
async function fill(stage: Stage, group: GroupTraffic, others: readonly Member[]): Promise<boolean> {
  const inside = stage.sight === 'inside'
  const rounds = Math.ceil(FILL_BYTES_MAX / ROUND / MESSAGE_BYTES)
  for (let round = 1; round <= rounds; round++) {
    group.say(others, ROUND)
    if (!(await group.allHeard(stage, others, ROUND_MS))) return true
    if (inside && round % ASK_ROUNDS === 0 && (await stage.statistics()).drops.refused.sends > 0) return true
  }
  return !inside
}

async function heardIn(stage: Stage, members: readonly Member[], ms: number): Promise<readonly number[]> {
  const before = members.map(({ incoming }) => incoming.messages)
  await stage.pause(ms)
  return members.map(({ incoming }, index) => incoming.messages - before[index]!)
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** G9: who reads goes on. Throws Broken if what was missed is not what was told. */
export function isolationOfLagging(seen: LaggingMember): Finding {
  const { doubts, before, during, heldBytes, allowedBytes, said, heard, missed, waits } = seen
  if (heard + missed !== said) {
    throw new Broken(`of ${said} messages a member that lagged heard ${heard}, and was told that it missed ${missed}`)
  }
  const left = leftOf(before, during)
  const held = Number.isNaN(heldBytes) ? '' : `; ${bytes(heldBytes)} held for it, of ${bytes(allowedBytes)} allowed`
  return doubted(doubts, {
    verdict: verdictOn(left, heldBytes > allowedBytes),
    figure: percent(left),
    why:
      `while one of ${MEMBERS} members reads nothing, ${percent(left)} of what it heard before is left to the one that fares worst; ` +
      `of ${said} messages the first heard ${heard} and missed ${missed}${held}`,
    figures: { leftShare: left, before, during, heldBytes, allowedBytes, said, heard, missed, waits },
  })
}

function verdictOn(left: number, unbounded: boolean): Verdict {
  if (left <= STANDS_MAX || unbounded) return 'price-paid'
  return left >= GOES_ON_MIN ? 'holds' : 'undecided'
}
