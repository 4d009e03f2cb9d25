import { setTimeout as delay } from 'node:timers/promises'
import { Clients } from './client.ts'
import { Failure } from './failure.ts'
import { pairsOf } from './pairs.ts'
import { pipelined } from './pipelined.ts'
import { quantile } from './quantiles.ts'
import { roundTrips } from './round-trips.ts'
import { within } from './within.ts'

/** What a server is to carry, and how long it is watched. */
export interface Load {
  /**
   * `pipelined`: each sender writes as fast as its receiver's stream allows. `round-trips`: each pair has one message
   * under way, there or back.
   */
  readonly workload: 'pipelined' | 'round-trips'
  /** Each is a sender and a receiver: two connections. */
  readonly pairs: number
  /** Body and NUL, without the id in front: what a receiver gets. */
  readonly messageBytes: number
  /** Full load before the measured time begins. */
  readonly warmupMs: number
  readonly measureMs: number
}

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
}

/** The measured time begins, and is over: called at these very moments. */
export interface Phases {
  begun(): void
  over(): void
}

/** A load on its way. */
export interface Workload {
  start(): void
  /** Starts nothing more. Settles when everything that was sent has arrived. */
  finish(): Promise<void>
  /** How many messages have arrived. */
  arrived(): number
  /** The round trips that have ended, ms each. */
  readonly roundTripsMs: readonly number[]
}

/** When sending is over, what is on its way must arrive within this time; or it is lost. */
const FINISH_MS = 15_000

/**
 * Puts `load` on the server that listens on `port`. Throws RangeError for a load that is none. Rejects if a connection
 * ends, if other bytes arrive than were sent, or if a message is still owed long after the last one was sent.
 */
export async function generate(port: number, load: Load, phases: Phases): Promise<Generated> {
  check(load)
  const failure = new Failure()
  using clients = new Clients(port, failure)
  const pairs = pairsOf(await clients.connect(2 * load.pairs))
  const workload = WORKLOADS[load.workload](pairs, load.messageBytes, failure.fail)
  workload.start()
  await failure.unless(delay(load.warmupMs))
  const first = sample(workload)
  phases.begun()
  await failure.unless(delay(load.measureMs))
  const last = sample(workload)
  phases.over()
  const arrived = workload.finish().then(() => true)
  if (!(await failure.unless(within(FINISH_MS, arrived)))) {
    throw new Error(`messages that were sent had not arrived ${FINISH_MS / 1000} seconds after the last one`)
  }
  return {
    messages: last.messages - first.messages,
    seconds: (last.atMs - first.atMs) / 1000,
    generatorCpuMs: last.cpuMs - first.cpuMs,
    roundTrip: quantilesOf(workload.roundTripsMs.slice(first.roundTrips, last.roundTrips)),
  }
}

const WORKLOADS = { pipelined, 'round-trips': roundTrips } as const

function sample(workload: Workload) {
  const { user, system } = process.cpuUsage()
  return {
    messages: workload.arrived(),
    roundTrips: workload.roundTripsMs.length,
    atMs: performance.now(),
    cpuMs: (user + system) / 1000,
  }
}

function quantilesOf(ms: readonly number[]): Generated['roundTrip'] {
  if (ms.length === 0) return null
  return { p50Micros: 1000 * quantile(ms, 0.5), p99Micros: 1000 * quantile(ms, 0.99) }
}

function check(load: Load): void {
  const { pairs, messageBytes, warmupMs, measureMs } = load
  for (const [name, value] of Object.entries({ pairs, messageBytes, measureMs })) {
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} is ${value}: it must be at least 1`)
  }
  if (!(warmupMs >= 0)) throw new RangeError(`warmupMs is ${warmupMs}: it must be at least 0`)
}
