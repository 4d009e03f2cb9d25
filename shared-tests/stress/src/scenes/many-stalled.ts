/**
 * The same senders, and ever more destinations that read nothing: does what is held grow with them (G8)?
 *
 * Fill       The kernel buffers of each destination, one after the other, each by a sender of its own.
 * Flood      Every sender offers to all destinations in turn, until nobody gets rid of anything more. A server without a bound
 *            takes what is offered, which is so much for each destination.
 */
import { fillEach } from '../load/fill.ts'
import { doubted, notApplicable } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Flood } from '../load/flood.ts'
import { batchOf } from '@switchyard/harness'
import type { Open, Scene } from '../scene.ts'
import type { Memory } from '../server/server.ts'
import { bytes, times } from '../units.ts'
import { untilQuiet } from '../load/until-quiet.ts'

const SENDERS = 8
const DESTINATIONS = [1, 2, 4, 8] as const
const MESSAGE_BYTES = 1024
const BATCH_BYTES = 32 * 1024
const OFFERED_BYTES_EACH = 4 * 1024 * 1024

/** What statistics may grow by from one destination to eight: crumbs in each queue, not what stalls there. */
const GROWS_SHARE = 0.25
const CRUMBS_BYTES = 64 * 1024
/** By the heap. */
const HEAP_NOISE_BYTES = 4 * 1024 * 1024
const HEAP_GROWN_BYTES = 12 * 1024 * 1024

/** What was seen. Plain data. */
export interface ManyStalled {
  readonly doubts: readonly string[]
  readonly destinations: readonly number[]
  /** For each number of destinations: by statistics, and by what memory grew. */
  readonly heldBytes: readonly number[]
  readonly grownBytes: readonly number[]
  readonly grownBy: Memory['of']
}

export const manyStalled: Scene = {
  shows: ['G8'],
  speaks: 'pair',
  async play(open) {
    const runs = []
    for (const destinations of DESTINATIONS) runs.push(await hold(open, destinations))
    return {
      G8: oneStep({
        doubts: [
          ...(runs.every(({ stands }) => stands) ? [] : ['the senders could go on sending: a stall did not stand']),
          ...(runs.some(({ gone }) => gone) ? ['a stalled destination was gone'] : []),
        ],
        destinations: DESTINATIONS,
        heldBytes: runs.map(({ heldBytes }) => heldBytes),
        grownBytes: runs.map(({ grownBytes }) => grownBytes),
        grownBy: runs.some(({ grownBy }) => grownBy === 'resident') ? 'resident' : 'heap',
      }),
    }
  },
}

async function hold(open: Open, destinations: number) {
  await using stage = await open()
  const senders = await stage.connect(SENDERS)
  const stalled = await stage.connect(destinations)
  const before = await stage.memory()
  const full = await fillEach(stage, senders, stalled)
  const offeredBytes = (OFFERED_BYTES_EACH * destinations) / SENDERS
  const floods = senders.map((sender) => {
    const round = stalled.map((destination) => stage.message(sender, destination, MESSAGE_BYTES, 1))
    return new Flood(sender, batchOf(round, BATCH_BYTES), offeredBytes)
  })
  for (const flood of floods) flood.begin()
  const stands = await untilQuiet(stage, floods)
  const seen = await stage.seen()
  const after = await stage.memory()
  return {
    stands: stands && full,
    gone: stage.hasEnded(seen),
    heldBytes: seen.held.total,
    grownBytes: after.heldBytes - before.heldBytes,
    grownBy: after.of,
  }
}

/** G8: what is held does not grow with the number of stalled destinations. */
export function oneStep({ doubts, destinations, heldBytes, grownBytes, grownBy }: ManyStalled): Finding {
  const [first = Number.NaN] = heldBytes
  const last = heldBytes.at(-1) ?? Number.NaN
  const heapGrows = (grownBytes.at(-1) ?? Number.NaN) - (grownBytes[0] ?? Number.NaN)
  const resident = grownBy === 'resident'
  const verdict = resident ? residentGrowth(first, last, heapGrows) : growth(first, last, heapGrows)
  const why =
    `${bytes(first)} held with one stalled destination, ${bytes(last)} with ${destinations.at(-1)}; ` +
    `${resident ? 'resident memory' : 'the heap'} grew by ${bytes(heapGrows)} more`
  if (verdict === 'not-applicable') return doubted(doubts, notApplicable(`${why}; that is no proof, neither way`))
  return doubted(doubts, {
    verdict,
    figure: first > 0 ? times(last / first) : bytes(heapGrows),
    why,
    figures: { factor: last / first, destinations, heldBytes, grownBytes },
  })
}

function growth(first: number, last: number, heapGrows: number): Verdict {
  const grows = last - first
  // A server that keeps no account holds nothing by it: then its heap speaks alone.
  if ((first > 0 && grows >= first) || heapGrows >= HEAP_GROWN_BYTES) return 'price-paid'
  return grows <= GROWS_SHARE * first + CRUMBS_BYTES && heapGrows <= HEAP_NOISE_BYTES ? 'holds' : 'undecided'
}

/** From outside both have to agree: resident memory shows garbage, and what was read and has gone may have been dropped. */
function residentGrowth(first: number, last: number, residentGrows: number): Verdict {
  const grows = last - first
  if (grows >= Math.max(first, HEAP_NOISE_BYTES / 4) && residentGrows >= grows / 2) return 'price-paid'
  const flat = grows <= GROWS_SHARE * Math.max(first, 0) + CRUMBS_BYTES
  return flat && residentGrows <= HEAP_NOISE_BYTES ? 'holds' : 'not-applicable'
}
