import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js'
import type { Histogram } from 'hdr-histogram-js'

/** Histograms count in tenths of a microsecond, three digits of each. */
const UNITS_PER_MS = 10_000
const UNITS_MAX = 10 * 60 * 1000 * UNITS_PER_MS

/** Histograms of one block, in the compressed encoding of HdrHistogram (V2, base64); units as above. */
export interface Latencies {
  /** What a client sees: from the moment when it meant to send. In a closed loop it means to when it does. */
  readonly response: string
  /** From the moment when it did send. */
  readonly service: string | null
  /** By how much the generator was late: the difference of the two beginnings. */
  readonly lag: string | null
  /** Open loop: messages that the schedule had in the measured time. */
  readonly offered: number | null
}

/** Counts times as they come. */
export class Times {
  readonly #histogram: Histogram = emptyTimes()

  add(ms: number): void {
    this.#histogram.recordValue(Math.min(UNITS_MAX, Math.max(0, Math.round(ms * UNITS_PER_MS))))
  }

  encoded(): string {
    return encodeIntoCompressedBase64(this.#histogram)
  }
}

export function decoded(text: string): Histogram {
  return decodeFromCompressedBase64(text, 32)
}

/** The time that the share `q` of all does not exceed. */
export function microsAt(times: Histogram, q: number): number {
  return (times.getValueAtPercentile(100 * q) * 1000) / UNITS_PER_MS
}

export function emptyTimes(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: UNITS_MAX,
    numberOfSignificantValueDigits: 3,
  })
}
