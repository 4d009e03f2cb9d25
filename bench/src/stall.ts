/**
 * What one stalled reader does to everybody else.
 *
 * Before     Pairs that have nothing to do with the stalled client exchange messages for a while: their rate.
 * Stall      A client stops reading, and eager senders flood it until nobody takes anything more for it.
 * During     The same pairs, for as long again. What is left of their rate is the verdict.
 * After      Where they stand still, the write deadline (R5.3) is to free them: how long did that take?
 */
import { READ_BYTES } from '@switchyard/core'
import type { CloseReason, StatisticsSnapshot } from '@switchyard/core'
import { Clients } from './client.ts'
import { Failure } from './failure.ts'
import type { MemorySample } from './messages.ts'
import { pairsOf } from './pairs.ts'
import { more, Scene } from './scene.ts'
import type { Flooded, Watched } from './scene.ts'
import type { ServerProcess } from './server-process.ts'

export interface StallOptions {
  /** That have nothing to do with the stalled client. */
  readonly pairs: number
  /** Each sends a message so often, if the one before has arrived: a load that a busy machine carries too. */
  readonly paceMs: number
  /** That send to the stalled client as much as they can. */
  readonly senders: number
  /** Body and NUL, without the id in front. */
  readonly messageBytes: number
  /** What the senders offer, all together, if the server takes it. */
  readonly offeredBytesMax: number
  /** How long the pairs are watched before the stall, and during it. */
  readonly watchMs: number
  /** The stall stands when none of the senders got rid of anything for so long. */
  readonly quietMs: number
}

export const DEFAULT_STALL: StallOptions = {
  pairs: 4,
  paceMs: 2,
  senders: 3,
  messageBytes: 1024,
  offeredBytesMax: 64 * 1024 * 1024,
  watchMs: 700,
  quietMs: 200,
}

export type Verdict = 'goes-on' | 'stalls' | 'undecided'

/** Plain data: fit for JSON. */
export interface Stall {
  readonly options: StallOptions
  readonly verdict: Verdict
  /** Why there is no verdict; empty if there is one. */
  readonly doubts: readonly string[]
  /** What is left of the unrelated pairs' rate: 1 is all of it. */
  readonly rateLeft: number
  /** Messages a second of all unrelated pairs. */
  readonly before: number
  readonly during: number
  /** What the operating system and the server took from the eager senders. */
  readonly takenBytes: number
  /** By the server's own statistics, when it held most. */
  readonly heldBytes: StatisticsSnapshot['held']
  /** What R5.4 allows it to hold for the stalled client. */
  readonly allowedBytes: number
  /** Garbage collected: with everybody connected and nobody stalled, and during the stall. */
  readonly memory: { readonly before: MemorySample; readonly during: MemorySample }
  /** Who waited for whom, as text. */
  readonly waits: string
  readonly recovery: Recovery
}

export type Recovery =
  | { readonly state: 'not-needed' }
  /** Every unrelated pair went on, so long after the stall stood. `reason`: why the stalled client had been closed. */
  | { readonly state: 'recovered'; readonly afterMs: number; readonly reason: CloseReason | null }
  | { readonly state: 'not-recovered'; readonly waitedMs: number }

/** The part of a server that the scenario needs. */
export type StallTarget = Pick<ServerProcess, 'port' | 'limits' | 'statistics' | 'waits' | 'memory'>

/** What must be left of their rate for pairs to go on, and at most to stand still. In between nobody should judge. */
const GOES_ON_MIN = 0.25
const STALLS_MAX = 0.02

export function verdictOf(rateLeft: number): Verdict {
  if (rateLeft >= GOES_ON_MIN) return 'goes-on'
  return rateLeft <= STALLS_MAX ? 'stalls' : 'undecided'
}

/**
 * Plays the scenario on a server that carries nothing else. Its `writeDeadlineMs` is to outlast the time that the pairs
 * are watched during the stall: RangeError if it is too short. Rejects if the server ends a connection other than the
 * stalled one, or delivers something else than was sent.
 */
export async function stall(server: StallTarget, given: Partial<StallOptions> = {}): Promise<Stall> {
  const options = { ...DEFAULT_STALL, ...given }
  check(options, server.limits.writeDeadlineMs)
  const failure = new Failure()
  using clients = new Clients(server.port, failure)
  using scene = new Scene(server, options, failure, {
    pairs: pairsOf(await clients.connect(2 * options.pairs)),
    eager: await clients.connect(options.senders),
    stalled: (await clients.connect(1))[0]!,
  })
  const memoryBefore = await server.memory()
  await scene.begin()
  const before = await scene.watch()
  const flooded = await scene.floodUntilQuiet()
  const waits = await server.waits()
  const during = await scene.watch()
  const doubts = doubtsOf(before, flooded, await scene.stalledIsGone())
  const memoryDuring = await server.memory()
  const rateLeft = during.rate / before.rate
  const verdict = doubts.length > 0 ? 'undecided' : verdictOf(rateLeft)
  return {
    options,
    verdict,
    doubts,
    rateLeft,
    before: before.rate,
    during: during.rate,
    takenBytes: scene.takenBytes,
    heldBytes: more(flooded.held, during.held),
    allowedBytes: server.limits.queuedBytesMax + options.senders * (READ_BYTES + options.messageBytes),
    memory: { before: memoryBefore, during: memoryDuring },
    waits,
    recovery: verdict === 'goes-on' ? { state: 'not-needed' } : await scene.recovery(),
  }
}

function doubtsOf(before: Watched, flooded: Flooded, gone: boolean): string[] {
  const doubts: string[] = []
  if (before.rate === 0) doubts.push('the unrelated pairs exchanged nothing before the stall')
  if (!flooded.stands) doubts.push('the senders could go on sending: the stall did not stand')
  if (gone) doubts.push('the stalled client was gone before the pairs had been watched')
  return doubts
}

function check(options: StallOptions, writeDeadlineMs: number): void {
  for (const [name, value] of Object.entries(options)) {
    if (!(value >= 1)) throw new RangeError(`${name} is ${value}: it must be at least 1`)
  }
  const neededMs = 2 * (options.quietMs + options.watchMs)
  if (writeDeadlineMs < neededMs) {
    throw new RangeError(
      `the server's writeDeadlineMs is ${writeDeadlineMs}: it must be at least ${neededMs}, or the stall could be over ` +
        'before the pairs have been watched',
    )
  }
}
