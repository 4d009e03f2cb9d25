import type { Load } from '../load/generator.ts'
import { measure } from '../load/load.ts'
import type { LoadTarget, Measurement } from '../load/load.ts'
import { median } from '../analysis/quantiles.ts'
import { Random } from '@switchyard/core'

export interface InterleavedOptions {
  /** In each round every server is measured once. */
  readonly rounds: number
  /** Seed of the order within each round. */
  readonly seed: number
  /** Called after each measurement: progress. */
  readonly measured?: (name: string, round: number, measurement: Measurement) => void
}

export interface Interleaved {
  readonly load: Load
  readonly seed: number
  /** The names, in the order in which each round measured them. */
  readonly orders: readonly (readonly string[])[]
  /** By name: one measurement for each round, in the order of the rounds. */
  readonly measurements: Readonly<Record<string, readonly Measurement[]>>
}

/** Medians over the rounds. */
export interface Figures {
  readonly messagesPerSecond: number
  readonly serverCpuMicrosPerMessage: number
  readonly serverCpuShare: number
  readonly generatorCpuShare: number
  /** Null where nothing is answered. */
  readonly roundTrip: { readonly p50Micros: number; readonly p99Micros: number } | null
}

/**
 * Measures every server, by name, in each of several rounds. A machine's speed drifts: neighbours in time are
 * comparable, and a random order keeps any server from always following the same other one.
 */
export async function interleaved(
  servers: Readonly<Record<string, LoadTarget>>,
  load: Load,
  { rounds, seed, measured }: InterleavedOptions,
): Promise<Interleaved> {
  const random = new Random(seed)
  const measurements: Record<string, Measurement[]> = {}
  const orders: string[][] = []
  for (let round = 0; round < rounds; round++) {
    const order = random.shuffled(Object.entries(servers))
    orders.push(order.map(([name]) => name))
    for (const [name, server] of order) {
      const measurement = await measure(server, load)
      ;(measurements[name] ??= []).push(measurement)
      measured?.(name, round, measurement)
    }
  }
  return { load, seed, orders, measurements }
}

/** What is typical of one server. */
export function figuresOf(measurements: readonly Measurement[]): Figures {
  const middle = (figure: (measurement: Measurement) => number): number => median(measurements.map(figure))
  const trips = measurements.flatMap(({ generated }) => generated.roundTrip ?? [])
  return {
    messagesPerSecond: middle((measurement) => measurement.messagesPerSecond),
    serverCpuMicrosPerMessage: middle((measurement) => measurement.serverCpuMicrosPerMessage),
    serverCpuShare: middle((measurement) => measurement.serverCpuShare),
    generatorCpuShare: middle((measurement) => measurement.generatorCpuShare),
    roundTrip:
      trips.length === 0
        ? null
        : {
            p50Micros: median(trips.map((trip) => trip.p50Micros)),
            p99Micros: median(trips.map((trip) => trip.p99Micros)),
          },
  }
}

/**
 * How many times as many messages as `reference` each server carried: the median of the ratios within the rounds, which
 * a drift of the machine between rounds does not touch.
 */
export function ratiosTo(reference: string, { measurements }: Interleaved): Record<string, number> {
  const yardstick = measurements[reference]
  if (!yardstick) throw new RangeError(`no server "${reference}" was measured`)
  return Object.fromEntries(
    Object.entries(measurements).map(([name, own]) => [
      name,
      median(yardstick.map((of, round) => (own[round]?.messagesPerSecond ?? Number.NaN) / of.messagesPerSecond)),
    ]),
  )
}
