/**
 * The guarantees of docs/protocol.md, section 6, as facts on a simulated network: no clock runs, and "nothing moves any more" is
 * known, not guessed. Only G6 is about cost, and measured. The stress suite measures the same on TCP.
 */
import { READ_BYTES } from '@switchyard/core'
import type { COMMON_GUARANTEES, Pattern } from '@switchyard/core'
import type { Client } from '@switchyard/protocols/router/suite'
import { isFair } from './fair.ts'
import { costRatio, IDLE_COUNT } from './idle.ts'
import { ARRIVING_BYTES, BUFFER_BYTES, flood, ID_BYTES, LIMITS, MESSAGE_BYTES, Scene } from './scene.ts'

/** What was found: undefined where the guarantee holds, else how it is broken. */
export type Probe = (pattern: Pattern) => Promise<string | undefined>

/** The name of these checks. */
export const PROBE = 'guarantee, simulated'

const KIB = 1024
const PAIR_BYTES = 100 * KIB
const FLOOD_BYTES = 4 * KIB * KIB
/** Servers that are flat have shown up to 1.5, those that are not 18 and more. */
const COST_RATIO_MAX = 4

export const PROBES: Readonly<Record<(typeof COMMON_GUARANTEES)[number], Probe>> = {
  G1: isDeadlockFree,
  G2: isolatesSlowReaders,
  G3: boundsMemory,
  G4: blamesTheSender,
  G5: isFair,
  G6: isFlatInIdle,
  G7: absorbsBursts,
  G8: holdsOneStep,
}

/** In one order of events. That no other one ends in a deadlock is for random schedules to show. */
async function isDeadlockFree(pattern: Pattern): Promise<string | undefined> {
  await using scene = await Scene.open(pattern)
  const clients = await scene.clients(4)
  for (const client of clients) flood(client, clients, FLOOD_BYTES)
  await scene.atRest()
  const missing = clients.filter(({ bytesReceived }) => bytesReceived < ID_BYTES + arriving(FLOOD_BYTES))
  return missing.length > 0
    ? `everybody reads, and ${missing.length} of ${clients.length} clients lack messages`
    : undefined
}

async function isolatesSlowReaders(pattern: Pattern): Promise<string | undefined> {
  await using scene = await Scene.open(pattern)
  const stalled = await scene.stalled(2)
  const [from, to] = [await scene.client(), await scene.client()]
  for (const sender of await scene.clients(2)) flood(sender, stalled, FLOOD_BYTES)
  await scene.atRest()
  return lateWhile('two clients read nothing', await missingOfPair(scene, from, to))
}

async function boundsMemory(pattern: Pattern): Promise<string | undefined> {
  await using scene = await Scene.open(pattern)
  const stalled = await scene.stalled(1)
  const senders = await scene.clients(4)
  for (const sender of senders) flood(sender, stalled, FLOOD_BYTES)
  const most = LIMITS.queuedBytesMax + senders.length * (READ_BYTES + MESSAGE_BYTES)
  const held = await heldAtRest(scene, senders, stalled)
  return held > most ? `${held} bytes are held for one client, more than ${most}` : undefined
}

async function blamesTheSender(pattern: Pattern): Promise<string | undefined> {
  await using scene = await Scene.open(pattern)
  const stalled = await scene.stalled(1)
  const [guilty, innocent, healthy] = [await scene.client(), await scene.client(), await scene.client()]
  flood(guilty, stalled, FLOOD_BYTES)
  await scene.atRest()
  flood(innocent, [healthy], PAIR_BYTES)
  await scene.atRest()
  const unread = PAIR_BYTES - innocent.bytesSent
  if (unread > 0 || healthy.bytesReceived < arriving(PAIR_BYTES)) {
    return `one client reads nothing, and another, which sends nothing to it, is not read from`
  }
  return guilty.bytesSent === FLOOD_BYTES ? 'a sender to a client that reads nothing is never held back' : undefined
}

async function isFlatInIdle(pattern: Pattern): Promise<string | undefined> {
  const ratio = await costRatio(pattern)
  if (ratio < COST_RATIO_MAX) return undefined
  return `with ${IDLE_COUNT} idle clients a message costs more than ${COST_RATIO_MAX} times as much`
}

async function absorbsBursts(pattern: Pattern): Promise<string | undefined> {
  await using scene = await Scene.open(pattern)
  const stalled = await scene.stalled(1)
  const [sender, from, to] = [await scene.client(), await scene.client(), await scene.client()]
  // The kernel takes this much, id included, and then nothing more.
  flood(sender, stalled, BUFFER_BYTES)
  await scene.atRest()
  flood(sender, stalled, LIMITS.queuedBytesMax / 2)
  await scene.atRest()
  return lateWhile('a burst of half of queuedBytesMax waits for a client', await missingOfPair(scene, from, to))
}

async function holdsOneStep(pattern: Pattern): Promise<string | undefined> {
  const [few, many] = [1, 8]
  const heldForFew = await heldFor(pattern, few)
  const heldForMany = await heldFor(pattern, many)
  if (heldForMany - heldForFew <= LIMITS.queuedBytesMax) return undefined
  return `${heldForFew} bytes are held for ${few} stalled client, and ${heldForMany} for ${many} of the same sender's`
}

async function heldFor(pattern: Pattern, count: number): Promise<number> {
  await using scene = await Scene.open(pattern)
  const stalled = await scene.stalled(count)
  const senders = await scene.clients(1)
  for (const sender of senders) flood(sender, stalled, count * KIB * KIB)
  return await heldAtRest(scene, senders, stalled)
}

/** What is inside, whatever the server says: once nobody sends, it is what still comes, but for what the kernels had. */
async function heldAtRest(scene: Scene, senders: readonly Client[], stalled: readonly Client[]): Promise<number> {
  await scene.atRest()
  const { held } = scene.statistics()
  for (const sender of senders) sender.reset()
  for (const client of stalled) client.resume()
  await scene.atRest()
  const came = stalled.reduce((sum, { bytesReceived }) => sum + bytesReceived - BUFFER_BYTES, 0)
  return Math.max(held.total, came)
}

/** A pair that has nothing to do with anybody: how many of its bytes do not come. */
async function missingOfPair(scene: Scene, from: Client, to: Client): Promise<number> {
  const before = to.bytesReceived
  flood(from, [to], PAIR_BYTES)
  await scene.atRest()
  return before + arriving(PAIR_BYTES) - to.bytesReceived
}

function lateWhile(what: string, missing: number): string | undefined {
  if (missing === 0) return undefined
  return `while ${what}, ${missing} of ${arriving(PAIR_BYTES)} bytes between two others do not come`
}

function arriving(bytes: number): number {
  return (bytes / MESSAGE_BYTES) * ARRIVING_BYTES
}
