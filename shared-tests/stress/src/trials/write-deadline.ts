/**
 * The write deadline (R5.3): a client that accepts nothing of what is queued for it is disconnected, nobody else is, and those
 * who were blocked by it go on. A server that admits to failing R5.3 need not disconnect anybody, and nobody else stands still.
 */
import type { CloseReason } from '@switchyard/core'
import { BackgroundTraffic } from '../load/background-traffic.ts'
import { doubted } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Flood } from '../load/flood.ts'
import { batchOf } from '@switchyard/harness'
import { leftOf, progressVerdict } from '../progress-left.ts'
import type { Stage } from '../stage.ts'
import type { Trial } from '../trial.ts'
import { percent } from '../units.ts'
import { Unseen } from '../load/errors.ts'
import { takenBy, untilQuiet } from '../load/until-quiet.ts'

const PAIRS = 4
const SENDERS = 2
const MESSAGE_BYTES = 1024
const BATCH_BYTES = 64 * 1024
const OFFERED_BYTES = 64 * 1024 * 1024
const WATCH_MS = 500
const WRITE_DEADLINE_MS = 1_500
/** A machine that is busy elsewhere is late. */
const LATE_MS = 10_000
/** Without a deadline: so long nobody is to be disconnected. */
const NEVER_MS = 2 * WRITE_DEADLINE_MS
const SAMPLE_MS = 20

/** What was seen. Plain data. */
export interface Deadline {
  readonly doubts: readonly string[]
  /** Whether the server declares to keep R5.3. */
  readonly kept: boolean
  readonly writeDeadlineMs: number
  /** How the stalled client ended; undefined if it did not. */
  readonly reason: CloseReason | undefined
  /** By the server's clock, from when the flood began: earlier than the deadline is too early. */
  readonly afterMs: number
  /** How many others ended meanwhile. */
  readonly othersClosed: number
  /** Messages of each unrelated pair, in equal times: before the stall, and after the stalled client was gone. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  /** The senders got rid of more after it was gone, or had nothing left. */
  readonly sendersGoOn: boolean
}

export const writeDeadline: Trial = {
  name: 'write-deadline',
  async run(open, subject) {
    if ('command' in subject)
      throw new Unseen('how a connection ended stands in the statistics; `verify` judges the write deadline (R5.3)')
    const { fails = [] } = subject
    await using stage = await open({ writeDeadlineMs: WRITE_DEADLINE_MS })
    return enforced(await watch(stage, !fails.includes('R5.3')))
  },
}

async function watch(stage: Stage, kept: boolean): Promise<Deadline> {
  using background = await BackgroundTraffic.begin(stage, PAIRS)
  const [stalled] = await stage.connect(1)
  const senders = await stage.connect(SENDERS)
  const floods = senders.map(
    (sender) =>
      new Flood(
        sender,
        batchOf([stage.message(sender, stalled!, MESSAGE_BYTES, 1)], BATCH_BYTES),
        OFFERED_BYTES / SENDERS,
      ),
  )
  const before = await background.watch(WATCH_MS)
  const { atMs: begunAtMs } = await stage.cpu()
  stalled!.stall()
  for (const flood of floods) flood.begin()
  const stands = await untilQuiet(stage, floods)
  const takenBytes = takenBy(floods)
  await untilClosed(stage, kept ? WRITE_DEADLINE_MS + LATE_MS : NEVER_MS)
  for (const flood of floods) flood.end()
  const after = await background.watch(WATCH_MS)
  const { lastCloses } = await stage.statistics()
  const [close, ...others] = lastCloses // Any other client's end is noticed by that client.
  return {
    doubts: [
      ...(before.includes(0) ? ['an unrelated pair exchanged nothing before the stall'] : []),
      ...(stands ? [] : ['the senders could go on sending: the stall did not stand']),
    ],
    kept,
    writeDeadlineMs: WRITE_DEADLINE_MS,
    reason: close?.reason,
    afterMs: close ? close.at - begunAtMs : Number.NaN,
    othersClosed: others.length,
    before,
    after,
    sendersGoOn: floods.every(({ over }) => over) || takenBy(floods) > takenBytes,
  }
}

async function untilClosed(stage: Stage, waitMs: number): Promise<void> {
  const untilMs = performance.now() + waitMs
  while (performance.now() < untilMs) {
    if ((await stage.statistics()).lastCloses.length > 0) return
    await stage.pause(SAMPLE_MS)
  }
}

export function enforced(seen: Deadline): Finding {
  const { doubts, kept, reason, afterMs, othersClosed, before, after } = seen
  const left = leftOf(before, after)
  const seconds = (afterMs / 1000).toFixed(1)
  const ending = reason === undefined ? 'was not disconnected' : `was disconnected after ${seconds} s (${reason})`
  return doubted(doubts, {
    verdict: verdictOn(seen, left),
    figure: reason === undefined ? 'never' : `${seconds} s`,
    why:
      `the stalled client ${ending}${kept ? '' : ', and R5.3 is declared to fail'}; ${othersClosed} others were; ` +
      `${percent(left)} of the progress of before for the unrelated pair that fared worst` +
      (seen.sendersGoOn ? '' : '; its senders stay blocked'),
    figures: {
      writeDeadlineMs: seen.writeDeadlineMs,
      afterMs,
      othersClosed,
      leftShare: left,
      before,
      after,
    },
  })
}

function verdictOn(
  { kept, writeDeadlineMs, reason, afterMs, othersClosed, sendersGoOn }: Deadline,
  left: number,
): Verdict {
  if (othersClosed > 0) return 'price-paid'
  if (!kept) return progressVerdict(left)
  if (reason !== 'write-deadline' || afterMs < writeDeadlineMs || !sendersGoOn) return 'price-paid'
  return progressVerdict(left)
}
