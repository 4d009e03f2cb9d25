/**
 * The same senders, and ever more destinations that read nothing: does what is held grow with them (G8)?
 *
 * Fill       The kernel buffers of each destination, one after the other, each by a sender of its own.
 * Flood      Every sender offers to all destinations in turn, until nobody gets rid of anything more. A server without a bound
 *            takes what is offered, which is so much for each destination.
 */
import { fillEach } from '../fill.ts'
import { doubted } from '../finding.ts'
import type { Finding, Verdict } from '../finding.ts'
import { Flood } from '../flood.ts'
import { batchOf, filled } from '../messages.ts'
import type { Open, Scene } from '../scene.ts'
import { bytes, times } from '../units.ts'
import { untilQuiet } from '../until-quiet.ts'

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
  /** For each number of destinations: by statistics, and by what heap and buffers grew. */
  readonly heldBytes: readonly number[]
  readonly grownBytes: readonly number[]
}

export const manyStalled: Scene = {
  shows: ['G8'],
  async play(open) {
    const runs = []
    for (const destinations of DESTINATIONS) runs.push(await hold(open, destinations))
    return {
      G8: oneStep({
        doubts: runs.every(({ stands }) => stands) ? [] : ['the senders could go on sending: a stall did not stand'],
        destinations: DESTINATIONS,
        heldBytes: runs.map(({ heldBytes }) => heldBytes),
        grownBytes: runs.map(({ grownBytes }) => grownBytes),
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
  const round = batchOf(
    stalled.map(({ id }) => filled(id, MESSAGE_BYTES, 1)),
    BATCH_BYTES,
  )
  const offeredBytes = (OFFERED_BYTES_EACH * destinations) / SENDERS
  const floods = senders.map((sender) => new Flood(sender, round, offeredBytes))
  for (const flood of floods) flood.begin()
  const stands = await untilQuiet(stage, floods)
  const { held } = await stage.statistics()
  const after = await stage.memory()
  return { stands: stands && full, heldBytes: held.total, grownBytes: after.heldBytes - before.heldBytes }
}

/** G8: what is held does not grow with the number of stalled destinations. */
export function oneStep({ doubts, destinations, heldBytes, grownBytes }: ManyStalled): Finding {
  const [first = Number.NaN] = heldBytes
  const last = heldBytes.at(-1) ?? Number.NaN
  const heapGrows = (grownBytes.at(-1) ?? Number.NaN) - (grownBytes[0] ?? Number.NaN)
  return doubted(doubts, {
    verdict: growth(first, last, heapGrows),
    figure: first > 0 ? times(last / first) : bytes(heapGrows),
    why:
      `${bytes(first)} held with one stalled destination, ${bytes(last)} with ${destinations.at(-1)}; ` +
      `the heap grew by ${bytes(heapGrows)} more`,
    figures: { factor: last / first, destinations, heldBytes, grownBytes },
  })
}

function growth(first: number, last: number, heapGrows: number): Verdict {
  const grows = last - first
  // A server that keeps no account holds nothing by it: then its heap speaks alone.
  if ((first > 0 && grows >= first) || heapGrows >= HEAP_GROWN_BYTES) return 'price-paid'
  return grows <= GROWS_SHARE * first + CRUMBS_BYTES && heapGrows <= HEAP_NOISE_BYTES ? 'holds' : 'undecided'
}
