/**
 * One client floods, and sixteen light pairs have one message under way each, there or back: how long do they wait for their
 * turn (G5)? Once the flood goes to nobody, so that the flooder is never slowed down; once to a client that keeps up.
 *
 * Turns are counted by what the server reads of the flooder: a server that serves everybody in turn takes one read of it
 * (64 KiB) for one of each other client that has something.
 */
import { READ_BYTES } from '@switchyard/core'
import { doubted, verdictOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { Flood } from '../load/flood.ts'
import { batchOf } from '@switchyard/harness'
import type { Addressed } from '@switchyard/harness'
import { PingPong, PING_PONG_BYTES } from '../load/ping-pong.ts'
import type { Open, Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'

const PAIRS = 16
const MESSAGE_BYTES = 32
const BATCH_BYTES = 4 * READ_BYTES
const WARMUP_MS = 200
/** Watched in slices, until there is something to judge by. */
const SLICE_MS = 500
const SLICES_MAX = 12
/** Less than this from the flooder was no flood. */
const FLOOD_READS_MIN = 8
/** The fewest answers to the light client that fares worst from which an average is made, unless it is starved. */
const SERVED_MIN = 10

/** Reads of the flooder between two messages of one light client: the stated number, and what is no turn at all. */
const READS = { holdsMax: 128, paidMin: 1024 } as const

/** What was seen in one flood. Plain data. */
export interface Flooder {
  readonly to: 'nobody' | 'a client that keeps up'
  /** The flooder's input, in full reads. */
  readonly reads: number
  /** Messages of each light pair, there and back. */
  readonly served: readonly number[]
}

export const flooder: Scene = {
  shows: ['G5'],
  speaks: 'pair',
  async play(open) {
    return { G5: fairness([await watch(open, 'nobody'), await watch(open, 'a client that keeps up')]) }
  },
}

async function watch(open: Open, to: Flooder['to']): Promise<Flooder> {
  await using stage = await open()
  const [sender, sink, ...light] = await stage.connect(2 + 2 * PAIRS)
  const exchanges = Array.from(
    { length: PAIRS },
    (_, pair) => new PingPong(stage, light[2 * pair]!, light[2 * pair + 1]!, pair + 1),
  )
  const target = to === 'nobody' ? await nobody(stage) : sink!
  const flood = new Flood(sender!, batchOf([stage.message(sender!, target, MESSAGE_BYTES, 255)], BATCH_BYTES))
  flood.begin()
  await stage.pause(WARMUP_MS)
  for (const exchange of exchanges) exchange.serve()
  const before = await stage.seen()
  let seen: Flooder = { to, reads: 0, served: [] }
  for (let slice = 0; slice < SLICES_MAX && !isEnough(seen); slice++) {
    await stage.pause(SLICE_MS)
    const { bytesIn } = await stage.seen()
    const served = exchanges.map((exchange) => exchange.messages)
    const lightBytes = served.reduce((sum, messages) => sum + messages, 0) * (PING_PONG_BYTES + 4)
    seen = { to, reads: (bytesIn - before.bytesIn - lightBytes) / READ_BYTES, served }
  }
  flood.end()
  return seen
}

function isEnough({ reads, served }: Flooder): boolean {
  return reads >= FLOOD_READS_MIN && (reads >= 2 * READS.paidMin || Math.min(...served) >= SERVED_MIN)
}

/** An address that was given and is not in use any more: messages to it are dropped (R3.7). */
async function nobody(stage: Stage): Promise<Addressed> {
  const [gone] = await stage.connect(1)
  await stage.unless(gone!.leave('reset'))
  return gone!
}

/** G5: nobody waits for more than so many reads of the flooder. */
export function fairness(floods: readonly Flooder[]): Finding {
  const between = floods.map(readsBetween)
  const worst = Math.max(...between)
  return doubted(floods.flatMap(doubtsOf), {
    verdict: verdictOf(worst, READS),
    figure: Number.isFinite(worst) ? `${worst.toFixed(worst < 9.95 ? 1 : 0)} reads` : 'starved',
    why: Number.isFinite(worst)
      ? `between two messages of the light client that fared worst come ${worst.toFixed(1)} reads of the flooder`
      : 'a light client gets nothing through',
    figures: {
      readsBetween: between,
      floodReads: floods.map(({ reads }) => reads),
      fewestServed: floods.map(({ served }) => Math.min(...served)),
      mostServed: floods.map(({ served }) => Math.max(...served)),
    },
  })
}

/** For the light client that fared worst; infinite if it got nothing through. */
function readsBetween({ reads, served }: Flooder): number {
  return reads / Math.min(...served)
}

function doubtsOf({ to, reads, served }: Flooder): string[] {
  if (reads < FLOOD_READS_MIN) return [`the flood to ${to} was none: ${reads.toFixed(1)} reads`]
  if (Math.min(...served) > 0 || reads >= READS.paidMin) return []
  return [`nothing came of a light client, but the flood to ${to} was short too: ${reads.toFixed(0)} reads`]
}
