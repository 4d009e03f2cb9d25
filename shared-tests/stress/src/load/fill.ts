import { batchOf } from '@switchyard/harness'
import type { Client } from '@switchyard/harness'
import type { Sight } from '../server/server.ts'
import type { Stage } from '../stage.ts'

/** One message, which is read in one piece. */
export const FILL_BYTES: number = 32 * 1024
/** Where a look is expensive, so much more at a time; what a server holds in the end is still well below R5.4's bound. */
const STEP_BYTES: Readonly<Record<Sight, number>> = { inside: FILL_BYTES, kernel: 8 * FILL_BYTES, clients: FILL_BYTES }
/** Held steadily, this much is no message on its way between others: the kernel has refused it. */
const REFUSED_BYTES = FILL_BYTES / 2
const SAMPLE_MS = 15
const STEADY_SAMPLES = 6
/** In so many samples a server that is going to read a step has read it. */
const UNREAD_SAMPLES = 20
/** No kernel takes that much for a client that reads nothing. */
const TAKEN_BYTES_MAX = 64 * 1024 * 1024

/** How filling ended: the kernel refuses more; the server does not even read more; or the kernel takes and takes. */
export type Filled = 'full' | 'not-read' | 'bottomless'

/** Sends to a client that reads nothing, a message at a time, until the kernel accepts no more: a little stays with the server. */
export async function fillKernel(stage: Stage, sender: Client, stalled: Client): Promise<Filled> {
  const step = batchOf([stage.message(sender, stalled, FILL_BYTES, 1)], STEP_BYTES[stage.sight])
  for (let sentBytes = 0; sentBytes < TAKEN_BYTES_MAX; sentBytes += step.length) {
    const { bytesIn, held } = await stage.seen()
    sender.write(step)
    if (!(await isRead(stage, bytesIn + step.length))) return 'not-read'
    if (await isRefused(stage, held.total)) return 'full'
  }
  return 'bottomless'
}

/**
 * Stalls all of `clients` and fills the kernel's buffers of each, by a sender of its own. False if one has no bottom. A server
 * that reads no more after the first of them is as far as it gets. Where nobody sees what is held, a flood has to fill them.
 */
export async function fillEach(stage: Stage, senders: readonly Client[], clients: readonly Client[]): Promise<boolean> {
  for (const client of clients) client.stall()
  if (stage.sight === 'clients') return true
  for (const [index, client] of clients.entries()) {
    const filledUp = await fillKernel(stage, senders[index]!, client)
    if (filledUp === 'bottomless') return false
    if (filledUp === 'not-read') return true
  }
  return true
}

async function isRead(stage: Stage, bytesIn: number): Promise<boolean> {
  for (let sample = 0; sample < UNREAD_SAMPLES; sample++) {
    if ((await stage.seen()).bytesIn >= bytesIn) return true
    if (sample > 2) await stage.pause(SAMPLE_MS)
  }
  return false
}

async function isRefused(stage: Stage, heldBefore: number): Promise<boolean> {
  for (let sample = 0; sample < STEADY_SAMPLES; sample++) {
    if ((await stage.seen()).held.total < heldBefore + REFUSED_BYTES) return false
    await stage.pause(SAMPLE_MS)
  }
  return true
}
