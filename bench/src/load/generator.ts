import { setTimeout as delay } from 'node:timers/promises'
import { Failure, settlesWithin } from '@switchyard/harness'
import type { PairDialect } from '@switchyard/harness'
import { Clients } from './clients.ts'
import { decoded, microsAt } from './latencies.ts'
import type { Latencies } from './latencies.ts'
import { openLoop } from './kinds/open-loop.ts'
import { pairsOf } from './kinds/pairs.ts'
import type { Pair } from './kinds/pairs.ts'
import { pipelined } from './kinds/pipelined.ts'
import { roundTrips } from './kinds/round-trips.ts'
import { LongestGap } from './kinds/longest-gap.ts'
import { stalledReaders } from './kinds/stalled-readers.ts'

/** What a server is to carry, and how long it is watched. */
export interface Load {
  /**
   * `pipelined`: each sender writes as fast as its receiver's stream allows. `round-trips`: each pair has one message
   * under way, there or back. `open-loop`: messages are sent when a schedule says so, whatever has arrived.
   */
  readonly workload: 'pipelined' | 'round-trips' | 'open-loop'
  /** Each is a sender and a receiver: two connections. */
  readonly pairs: number
  /** Body and NUL, without the id in front: what a receiver gets. */
  readonly messageBytes: number
  /** Full load before the measured time begins. */
  readonly warmupMs: number
  readonly measureMs: number
  /**
   * Pipelined only. `pair` (default): each sender has one destination. `spread`: consecutive messages of a sender go to
   * different receivers. `hot`: all go to one receiver.
   */
  readonly destinations?: Destinations
  /** Pipelined only: how many messages are written at once. Default: 64 KiB of them. */
  readonly burstMessages?: number
  /** Pipelined only: how many bursts of a sender may be on their way. Default: 4. */
  readonly windowBursts?: number
  /** Open loop only: of all pairs together. */
  readonly messagesPerSecond?: number
  /** Open loop only: of the schedule. */
  readonly seed?: number
  /** Connections beside the pairs that say and hear nothing. */
  readonly idleClients?: number
  /** Clients that stop reading when the measured time begins, each flooded by a sender of its own. */
  readonly stalledReaders?: number
}

export type Destinations = 'pair' | 'spread' | 'hot'

export const DEFAULT_LOAD: Load = {
  workload: 'pipelined',
  pairs: 16,
  messageBytes: 32,
  warmupMs: 250,
  measureMs: 500,
}

/** What arrived in the measured time. */
export interface Generated {
  /** Each delivery counts: a round trip is two messages. */
  readonly messages: number
  readonly seconds: number
  /** CPU time of the generator's process in the measured time, all threads. */
  readonly generatorCpuMs: number
  /** From sending to the answer's arrival; null where nothing is answered. */
  readonly roundTrip: { readonly p50Micros: number; readonly p99Micros: number } | null
  /** The longest time in which nothing at all arrived for the measured pairs, ms. */
  readonly longestSilenceMs: number
  /** Null where messages are not timed one by one. */
  readonly latencies: Latencies | null
}

/** The run waits for `ready`; the measured time begins, and is over: called at these very moments. */
export interface Phases {
  /** Everybody is connected. Nothing is sent before it settles. */
  ready?(): Promise<void>
  begun(): void
  over(): void
}

/** Everything that a workload is made of. */
export interface Stage {
  readonly load: Load
  readonly pairs: readonly Pair[]
  readonly dialect: PairDialect
  readonly longestGap: LongestGap
  /** Ends the run. */
  readonly fail: (why: Error) => void
}

/** A load on its way. */
export interface Workload {
  start(): void
  /** The measured time begins, and is over. */
  begin(): void
  end(): void
  /** Starts nothing more. Settles when everything that was sent has arrived. */
  finish(): Promise<void>
  /** How many messages have arrived. */
  arrived(): number
  /** The latencies of the messages of the measured time. Ask once everything has arrived. */
  latencies(): Latencies | null
}

const WORKLOADS: Readonly<Record<Load['workload'], (stage: Stage) => Workload>> = {
  pipelined,
  'round-trips': roundTrips,
  'open-loop': openLoop,
}

/** When sending is over, what is on its way must arrive within this time; or it is lost. */
const FINISH_MS = 15_000

/**
 * Puts `load` on the server that listens on `port`. Throws RangeError for a load that is none. Rejects if a connection
 * ends, if other bytes arrive than were sent, or if a message is still owed long after the last one was sent.
 */
export async function generate(port: number, load: Load, phases: Phases, dialect: PairDialect): Promise<Generated> {
  check(load)
  const failure = new Failure()
  const longestGap = new LongestGap()
  using clients = new Clients(port, failure, dialect)
  const pairs = pairsOf(await clients.connect(2 * load.pairs))
  const stalled = pairsOf(await clients.connect(2 * (load.stalledReaders ?? 0)))
  await clients.connect(load.idleClients ?? 0)
  const workload = WORKLOADS[load.workload]({ load, pairs, dialect, longestGap, fail: failure.fail })
  const floods = stalledReaders(stalled, dialect)
  await failure.unless(phases.ready?.() ?? Promise.resolve())
  workload.start()
  await failure.unless(delay(load.warmupMs))
  const first = sample(workload)
  longestGap.begin(first.atMs)
  workload.begin()
  floods.start()
  phases.begun()
  await failure.unless(delay(load.measureMs))
  const last = sample(workload)
  const longestSilenceMs = longestGap.end(last.atMs)
  workload.end()
  phases.over()
  floods.stop()
  if (!(await failure.unless(settlesWithin(FINISH_MS, workload.finish())))) {
    throw new Error(`messages that were sent had not arrived ${FINISH_MS / 1000} seconds after the last one`)
  }
  const latencies = workload.latencies()
  return {
    messages: last.messages - first.messages,
    seconds: (last.atMs - first.atMs) / 1000,
    generatorCpuMs: last.cpuMs - first.cpuMs,
    longestSilenceMs,
    roundTrip: load.workload === 'round-trips' && latencies ? medianAndTail(latencies.response) : null,
    latencies,
  }
}

function sample(workload: Workload) {
  const { user, system } = process.cpuUsage()
  return { messages: workload.arrived(), atMs: performance.now(), cpuMs: (user + system) / 1000 }
}

function medianAndTail(encoded: string): Generated['roundTrip'] {
  const times = decoded(encoded)
  return times.totalCount === 0 ? null : { p50Micros: microsAt(times, 0.5), p99Micros: microsAt(times, 0.99) }
}

function check(load: Load): void {
  const { pairs, messageBytes, warmupMs, measureMs, burstMessages = 1, windowBursts = 1 } = load
  const { messagesPerSecond = 1, idleClients = 0, stalledReaders: stalls = 0 } = load
  for (const [name, value] of Object.entries({ pairs, messageBytes, measureMs, burstMessages, windowBursts })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} is ${value}: it must be at least 1`)
  }
  for (const [name, value] of Object.entries({ warmupMs, idleClients, stalledReaders: stalls })) {
    if (!(value >= 0)) throw new RangeError(`${name} is ${value}: it must be at least 0`)
  }
  if (!(messagesPerSecond > 0)) throw new RangeError(`messagesPerSecond is ${messagesPerSecond}: it must be above 0`)
  if (load.workload === 'open-loop' && load.messagesPerSecond === undefined) {
    throw new RangeError('an open loop needs messagesPerSecond')
  }
}
