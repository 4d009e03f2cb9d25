/**
 * A burst to a client that has paused (G7).
 *
 * Before     Unrelated pairs exchange messages: what each gets through.
 * Pause      A client stops reading, and is sent to in small steps until its kernel buffers are full.
 * Burst      At once half of `queuedBytesMax` more; and the pairs are watched for as long as before.
 */
import { BackgroundTraffic } from '../load/background-traffic.ts'
import { fillKernel } from '../load/fill.ts'
import type { Filled } from '../load/fill.ts'
import { doubted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { batchOf } from '@switchyard/harness'
import { leftOf, progressVerdict } from '../progress-left.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'
import { Unseen } from '../load/errors.ts'
import { percent } from '../units.ts'

const PAIRS = 4
const MESSAGE_BYTES = 1024
const WATCH_MS = 700

/** What was seen. Plain data. */
export interface Burst {
  readonly doubts: readonly string[]
  readonly filled: Filled
  readonly burstBytes: number
  /** Messages of each unrelated pair, in equal times. */
  readonly before: readonly number[]
  readonly during: readonly number[]
  readonly waits: string
}

export const burst: Scene = {
  shows: ['G7'],
  speaks: 'pair',
  async play(open) {
    await using stage = await open()
    if (stage.sight === 'clients')
      throw new Unseen('whether the kernel buffers are full is told by /proc/net/tcp, on Linux')
    return { G7: absorption(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<Burst> {
  using background = await BackgroundTraffic.begin(stage, PAIRS)
  const [sender, paused] = await stage.connect(2)
  const before = await background.watch(WATCH_MS)
  paused!.stall()
  const ended = await fillKernel(stage, sender!, paused!)
  const batch = batchOf([stage.message(sender!, paused!, MESSAGE_BYTES, 1)], stage.limits.queuedBytesMax / 2)
  sender!.write(batch)
  const during = await background.watch(WATCH_MS)
  const waits = await stage.waits()
  const gone = stage.hasEnded(await stage.seen())
  return {
    doubts: [
      ...(before.includes(0) ? ['an unrelated pair exchanged nothing before the burst'] : []),
      ...(ended === 'bottomless' ? ['the kernel of the paused client took whatever was sent'] : []),
      ...(gone ? ['the paused client was gone'] : []),
    ],
    filled: ended,
    burstBytes: batch.length,
    before,
    during,
    waits,
  }
}

/** G7: no unrelated pair is delayed. */
export function absorption({ doubts, before, during, burstBytes, waits, ...rest }: Burst): Finding {
  const left = leftOf(before, during)
  return doubted(doubts, {
    verdict: progressVerdict(left),
    figure: percent(left),
    why: `${percent(left)} of its progress is left to the unrelated pair that fared worst`,
    figures: { leftShare: left, before, during, burstBytes, filled: rest.filled, waits },
  })
}
