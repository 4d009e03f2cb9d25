import type { Histogram } from 'hdr-histogram-js'
import type { Block } from '../run/block.ts'
import { decoded, emptyTimes, microsAt } from '../load/latencies.ts'
import type { RankedMetric } from '../load/workloads.ts'

/** All figures of a block, each with its unit in the name. */
export const FIGURES = [
  'messagesPerSecond',
  'bytesPerSecond',
  'serverCpuMicros',
  'serverCpuShare',
  'generatorCpuShare',
  'p50Micros',
  'p90Micros',
  'p99Micros',
  'p999Micros',
  /** From the moment of sending: without the time for which a message was kept from being sent. */
  'serviceP99Micros',
  'lagP99Micros',
  'silenceMs',
  'loopDelayP99Ms',
  'loopDelayMaxMs',
  /** Share of the measured time spent collecting garbage. */
  'collectingShare',
  'rssBytes',
  'peakRssBytes',
  'idleRssBytes',
  'idleHeldBytes',
  'idleYoungBytes',
  /** What arrived of what was due, as a share. */
  'reached',
] as const
export type Figure = (typeof FIGURES)[number]

/** What was not measured, or can't be known, is missing. */
export type Figures = Readonly<Partial<Record<Figure, number>>>

/** What each ranking goes by, and whether more of it is better. */
export const RANKED: Readonly<Record<RankedMetric, { readonly figure: Figure; readonly better: 'more' | 'less' }>> = {
  rate: { figure: 'messagesPerSecond', better: 'more' },
  cpu: { figure: 'serverCpuMicros', better: 'less' },
  p99: { figure: 'p99Micros', better: 'less' },
  silence: { figure: 'silenceMs', better: 'less' },
}

/** So many values must lie beyond a quantile before it is worth a number. */
export const BEYOND_MIN = 10

/** The figures of a block that was measured; none of one that failed. */
export function figuresOf({ outcome }: Block, messageBytes: number): Figures {
  if (outcome.state === 'failed') return {}
  const { measurement, vitals, idle } = outcome
  const { generated } = measurement
  const { latencies, seconds } = generated
  const response = latencies && decoded(latencies.response)
  const offered = latencies?.offered ?? null
  return known({
    messagesPerSecond: measurement.messagesPerSecond,
    bytesPerSecond: measurement.messagesPerSecond * messageBytes,
    serverCpuMicros: measurement.serverCpuMicrosPerMessage,
    serverCpuShare: measurement.serverCpuShare,
    generatorCpuShare: measurement.generatorCpuShare,
    p50Micros: quantileOf(response, 0.5),
    p90Micros: quantileOf(response, 0.9),
    p99Micros: quantileOf(response, 0.99),
    p999Micros: quantileOf(response, 0.999),
    serviceP99Micros: latencies?.service ? quantileOf(decoded(latencies.service), 0.99) : null,
    lagP99Micros: latencies?.lag ? quantileOf(decoded(latencies.lag), 0.99) : null,
    silenceMs: generated.longestSilenceMs,
    loopDelayP99Ms: vitals.loopDelayMs?.p99 ?? null,
    loopDelayMaxMs: vitals.loopDelayMs?.max ?? null,
    collectingShare: vitals.collectingMs === null ? null : vitals.collectingMs / 1000 / seconds,
    rssBytes: vitals.rssBytes,
    peakRssBytes: vitals.peakRssBytes,
    idleRssBytes: idle?.rssBytes ?? null,
    idleHeldBytes: idle?.heldBytes ?? null,
    idleYoungBytes: idle?.youngBytes ?? null,
    reached: offered === null || offered === 0 ? null : generated.messages / offered,
  })
}

/** Null where fewer than `BEYOND_MIN` values lie beyond it. */
export function quantileOf(times: Histogram | null, q: number): number | null {
  if (!times || times.totalCount * (1 - q) < BEYOND_MIN) return null
  return microsAt(times, q)
}

/** One of each block that has such times. */
export function timesOf(blocks: readonly Block[], which: 'response' | 'service'): Histogram[] {
  return blocks.flatMap(({ outcome }) => {
    const text = outcome.state === 'measured' ? outcome.measurement.generated.latencies?.[which] : undefined
    return text ? [decoded(text)] : []
  })
}

/** All times in one; undefined of none. */
export function merged(times: readonly Histogram[]): Histogram | undefined {
  const [first] = times
  if (!first) return undefined
  const all = emptyTimes()
  for (const each of times) all.add(each)
  return all
}

/** JSON has no NaN: what is none comes back as null. */
function known(figures: Readonly<Record<Figure, number | null>>): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== null && Number.isFinite(value)))
}
