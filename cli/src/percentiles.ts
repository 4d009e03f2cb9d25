export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** Of times in ms, to a hundredth; undefined if there are none. */
export function percentiles(times: readonly number[]): Percentiles | undefined {
  if (times.length === 0) return undefined
  const sorted = times.toSorted((left, right) => left - right)
  const at = (share: number): number => {
    const time = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
    return Math.round(time * 100) / 100
  }
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}
