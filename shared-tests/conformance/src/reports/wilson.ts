/** 95 % of a normal distribution lies within this many standard deviations. */
const Z = 1.959_963_984_540_054

export interface Interval {
  readonly low: number
  readonly high: number
}

/**
 * The 95 % interval of a rate of which `failed` of `count` trials have been seen, each from 0 to 1: the score interval of
 * E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
 * Statistical Association 22 (1927), 209-212. Unlike rate plus or minus two standard errors it also says something
 * where nothing, or everything, has failed.
 */
export function wilson(failed: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const rate = failed / count
  const scale = 1 + Z ** 2 / count
  const centre = (rate + Z ** 2 / (2 * count)) / scale
  const half = (Z / scale) * Math.sqrt((rate * (1 - rate)) / count + Z ** 2 / (4 * count ** 2))
  return {
    low: failed === 0 ? 0 : Math.max(0, centre - half),
    high: failed === count ? 1 : Math.min(1, centre + half),
  }
}

/** `3 of 20 failed: 15 %, 95 % interval 5.2 % to 36 %`. */
export function rateOf(failed: number, count: number): string {
  const { low, high } = wilson(failed, count)
  return `${failed} of ${count} failed: ${percent(failed / count)}, 95 % interval ${percent(low)} to ${percent(high)}`
}

/** Two digits that count, and no more than three places: `5.2 %`. */
export function percent(rate: number): string {
  return `${Number((100 * rate).toPrecision(2))} %`
}
