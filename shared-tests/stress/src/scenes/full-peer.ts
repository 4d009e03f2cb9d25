/**
 * A peer that writes all that it may before it reads anything (G12): does the server go on reading, when it can't write?
 *
 * Write      A peer fills the window of every stream, and reads nothing; what comes back soon fills the connection to it. It is as a server
 *            is that waits with its write: another one of those at the other end would wait for this one, and this one for it.
 * Then       The server has read all of it, or it reads no more.
 * Read       The peer reads: every stream must come back whole.
 */
import { READ_BYTES } from '@switchyard/core'
import { doubted } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { strangeBytes } from '../load/errors.ts'
import type { Scene } from '../scene.ts'
import type { Stage } from '../stage.ts'
import { percent } from '../units.ts'

/** Enough that no kernel holds what is sent in them, one way or the other. */
const STREAMS = 128
/** Between two looks, and how many of them have to look the same before it reads no more. */
const LOOK_MS = 50
const UNMOVED = 20
/** Held, or the connection to the peer was not full. */
const HELD_MIN_BYTES = 64 * 1024
/** Nobody is disconnected before the peer reads. */
const WRITE_DEADLINE_MS = 120_000
const COME_BACK_MS = 60_000

/** What was seen. Plain data. */
export interface FullPeer {
  readonly doubts: readonly string[]
  readonly sentBytes: number
  /** Of that, what the peer's kernel had taken when it took no more: read by the server, or on its way there. */
  readonly takenBytes: number
  /** What the server held then. NaN if that is not known. */
  readonly heldBytes: number
  readonly waits: string
}

export const fullPeer: Scene = {
  shows: ['G12'],
  speaks: 'echoes',
  async play(open) {
    await using stage = await open({ writeDeadlineMs: WRITE_DEADLINE_MS })
    return { G12: survival(await watch(stage)) }
  },
}

async function watch(stage: Stage): Promise<FullPeer> {
  const [peer] = await stage.connect(1)
  const echoes = stage.echoes()
  const incoming = echoes.incoming()
  const filling = echoes.filling(STREAMS)
  let cameBack = (): void => {}
  const allBack = new Promise<void>((resolve) => {
    cameBack = resolve
  })
  peer!.received = (bytes) => {
    if (!incoming.take(bytes)) return stage.fail(strangeBytes())
    if (incoming.messages === STREAMS) cameBack()
  }
  peer!.pause()
  let taken = 0
  const write = (): void => {
    const piece = filling.subarray(taken, taken + READ_BYTES)
    if (piece.length === 0) return
    peer!.write(piece, () => {
      taken += piece.length
      write()
    })
  }
  write()
  const takenBytes = await takenOf(stage, () => taken, filling.length)
  const { held } = await stage.seen()
  const waits = stage.sight === 'inside' ? await stage.waits() : ''
  peer!.resume()
  await stage.within(
    COME_BACK_MS,
    allBack,
    `a peer that reads again has ${incoming.messages} of ${STREAMS} streams back`,
  )
  const wasFull = !(held.total < HELD_MIN_BYTES)
  return {
    doubts: wasFull ? [] : ['the kernel took whatever the server sent back'],
    sentBytes: filling.length,
    takenBytes,
    heldBytes: held.total,
    waits,
  }
}

/** Settles when all is taken, or when nothing more is though the server has answered so many times. */
async function takenOf(stage: Stage, taken: () => number, all: number): Promise<number> {
  let before = ''
  for (let unmoved = 0; unmoved < UNMOVED;) {
    await stage.pause(LOOK_MS)
    const { bytesIn } = await stage.seen()
    if (taken() === all) return all
    const now = `${taken()} ${bytesIn}`
    unmoved = now === before ? unmoved + 1 : 0
    before = now
  }
  return taken()
}

// Judging ----------------------------------------------------------------------------------------------------------------

/** G12: what a peer may send is read, though the peer does not read. */
export function survival({ doubts, sentBytes, takenBytes, heldBytes, waits }: FullPeer): Finding {
  const share = takenBytes / sentBytes
  return doubted(doubts, {
    verdict: share === 1 ? 'holds' : 'price-paid',
    figure: percent(share),
    why:
      `a peer that may send ${sentBytes} bytes, and reads nothing before it has sent them, was able to send ${takenBytes}` +
      (share === 1 ? '' : ': the server waits until it reads, and it would wait until the server does'),
    figures: { sentBytes, takenBytes, heldBytes, waits },
  })
}
