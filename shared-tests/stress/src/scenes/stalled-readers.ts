/**
 * Clients that stop reading while others flood them: what that does to everybody else (G2), to memory (G3), and who is
 * made to wait (G4).
 *
 * Before     Pairs that have nothing to do with it exchange messages: what each gets through.
 * Stall      Two clients stop reading, and are sent to until the kernel takes no more for them. Then two eager senders flood
 *            each of them, until nobody gets rid of anything more. Behind its flood, on the same stream, each sender has one
 *            message for a client that reads.
 * During     The same pairs, for as long again, well within the write deadline.
 */
import { READ_BYTES } from '@switchyard/core'
import { BackgroundTraffic } from '../load/background-traffic.ts'
import { FILL_BYTES, fillEach } from '../load/fill.ts'
import { doubted, notApplicable, verdictOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { Flood } from '../load/flood.ts'
import { batchOf } from '@switchyard/harness'
import { leftOf, progressVerdict } from '../progress-left.ts'
import type { Scene } from '../scene.ts'
import type { Memory, Seen } from '../server/server.ts'
import type { Stage } from '../stage.ts'
import { bytes, percent } from '../units.ts'
import { takenBy, untilQuiet } from '../load/until-quiet.ts'

const PAIRS = 4
const STALLED = 2
const SENDERS_EACH = 2
const MESSAGE_BYTES = 1024
const BATCH_BYTES = 64 * 1024
/** All senders together: the kernel alone takes several megabytes for each stalled client. */
const OFFERED_BYTES = 64 * 1024 * 1024
const WATCH_MS = 700

/** What a heap that has just been collected still varies by, with everything that a process had not used before. */
const HEAP_NOISE_BYTES = 4 * 1024 * 1024
/** From here on what the heap shows beyond R5.4's bound is no noise. */
const HEAP_BEYOND_BYTES = 16 * 1024 * 1024

/** What was seen. Plain data. */
export interface StalledReaders {
  /** Why nothing should be concluded; empty if there is no reason. */
  readonly doubts: readonly string[]
  /** Messages of each unrelated pair, in equal times. */
  readonly before: readonly number[]
  readonly during: readonly number[]
  /** By the server's statistics, at the most. */
  readonly heldBytes: number
  /** What memory grew by: the heap, collected; or all that is resident, with garbage. */
  readonly grownBytes: number
  readonly grownBy: Memory['of']
  /** R5.4. */
  readonly allowedBytes: number
  /** What the senders got rid of. */
  readonly takenBytes: number
  readonly senders: number
  /** Those whose message behind the flood arrived all the same. */
  readonly sendersNotHeld: number
  /** Who waited for whom, as text. */
  readonly waits: string
}

export const stalledReaders: Scene = {
  shows: ['G2', 'G3', 'G4'],
  speaks: 'pair',
  async play(open) {
    await using stage = await open()
    const seen = await watch(stage)
    return { G2: isolation(seen), G3: memoryBound(seen), G4: blame(seen) }
  },
}

async function watch(stage: Stage): Promise<StalledReaders> {
  using background = await BackgroundTraffic.begin(stage, PAIRS)
  const stalled = await stage.connect(STALLED)
  const senders = await stage.connect(STALLED * SENDERS_EACH)
  const [healthy] = await stage.connect(1)
  let behindBytes = 0
  healthy!.received = (chunk) => {
    behindBytes += chunk.length
  }
  const floods = senders.map((sender, index) => {
    const batch = batchOf([stage.message(sender, stalled[index % STALLED]!, MESSAGE_BYTES, 1)], BATCH_BYTES)
    return new Flood(sender, batch, OFFERED_BYTES / senders.length)
  })

  const memoryBefore = await stage.memory()
  const before = await background.watch(WATCH_MS)
  const full = await fillEach(stage, senders, stalled)
  for (const flood of floods) flood.begin()
  const held = new Most()
  const stands = await untilQuiet(stage, floods, (sample) => held.see(sample))
  for (const sender of senders) sender.write(stage.message(sender, healthy!, MESSAGE_BYTES, 2))
  const waits = await stage.waits()
  const during = await background.watch(WATCH_MS)
  held.see(await stage.seen())
  const memoryDuring = await stage.memory()
  const last = await stage.seen()

  return {
    doubts: [
      ...(before.includes(0) ? ['an unrelated pair exchanged nothing before the stall'] : []),
      ...(full ? [] : ['the kernel of a stalled client took whatever was sent']),
      ...(stands ? [] : ['the senders could go on sending: the stall did not stand']),
      ...(stage.hasEnded(last) ? ['a stalled client was gone before the pairs had been watched'] : []),
    ],
    before,
    during,
    // From outside it is exact only where nothing moves.
    heldBytes: memoryDuring.of === 'heap' ? held.bytes : last.held.total,
    grownBytes: memoryDuring.heldBytes - memoryBefore.heldBytes,
    grownBy: memoryDuring.of,
    allowedBytes: STALLED * stage.limits.queuedBytesMax + senders.length * (READ_BYTES + FILL_BYTES),
    takenBytes: takenBy(floods),
    senders: senders.length,
    sendersNotHeld: Math.floor(behindBytes / MESSAGE_BYTES),
    waits,
  }
}

class Most {
  bytes = 0

  see({ held }: Seen): void {
    this.bytes = Math.max(this.bytes, held.total)
  }
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** G2: unrelated pairs go on. */
export function isolation({ doubts, before, during, takenBytes, waits }: StalledReaders): Finding {
  const left = leftOf(before, during)
  return doubted(doubts, {
    verdict: progressVerdict(left),
    figure: percent(left),
    why: `${percent(left)} of its progress is left to the unrelated pair that fared worst`,
    figures: { leftShare: left, before, during, takenBytes, waits },
  })
}

/** G3: by the server's own account and by its heap, at most what R5.4 allows. */
export function memoryBound(seen: StalledReaders): Finding {
  const { doubts, heldBytes, grownBytes, allowedBytes } = seen
  if (seen.grownBy === 'resident') return doubted(doubts, residentBound(seen))
  const byHeap = verdictOf(grownBytes, {
    holdsMax: allowedBytes + HEAP_NOISE_BYTES,
    paidMin: allowedBytes + HEAP_BEYOND_BYTES,
  })
  return doubted(doubts, {
    verdict: heldBytes > allowedBytes ? 'price-paid' : byHeap,
    figure: bytes(byHeap === 'holds' ? heldBytes : Math.max(heldBytes, grownBytes)),
    why: `${bytes(heldBytes)} held, the heap grown by ${bytes(grownBytes)}; R5.4 allows ${bytes(allowedBytes)}`,
    figures: { heldBytes, grownBytes, allowedBytes },
  })
}

/** The same from outside, where both have to agree: resident memory shows garbage, and what is read and gone may be dropped. */
function residentBound({ heldBytes, grownBytes, allowedBytes }: StalledReaders): Finding {
  const figures = { heldBytes, grownBytes, allowedBytes }
  const why = `${bytes(heldBytes)} read and not handed over, resident memory grown by ${bytes(grownBytes)}; R5.4 allows ${bytes(allowedBytes)}`
  if (heldBytes > allowedBytes && grownBytes > allowedBytes) {
    return { verdict: 'price-paid', figure: bytes(heldBytes), why, figures }
  }
  if (heldBytes <= allowedBytes && grownBytes <= allowedBytes + HEAP_NOISE_BYTES) {
    return { verdict: 'holds', figure: bytes(heldBytes), why, figures }
  }
  return { ...notApplicable(`${why}; that is no proof, neither way`), figures }
}

/** G4: those that send to a stalled client wait, and nobody else does. */
export function blame({ doubts, before, during, senders, sendersNotHeld }: StalledReaders): Finding {
  const left = leftOf(before, during)
  const verdict = sendersNotHeld > 0 ? 'price-paid' : progressVerdict(left)
  return doubted(doubts, {
    verdict,
    figure: verdict === 'price-paid' ? (sendersNotHeld > 0 ? 'nobody' : 'everybody') : 'sender',
    why:
      `${senders - sendersNotHeld} of ${senders} senders to stalled clients are held; ` +
      `${percent(left)} of its progress is left to the innocent pair that fared worst`,
    figures: { leftShare: left, senders, sendersNotHeld },
  })
}
