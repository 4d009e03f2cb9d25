/** Where an axis is marked. */

const STEPS = [1, 2, 5]
/** More decades than this, and only their beginnings are marked. */
const DECADES_MAX = 2.5

/** For a scale of logarithms: 1, 2 and 5 of each decade, as far as there is room. */
export function logTicks(low: number, high: number): number[] {
  const steps = Math.log10(high / low) > DECADES_MAX ? [1] : STEPS
  const ticks: number[] = []
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    ticks.push(...steps.map((step) => step * 10 ** decade))
  }
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001)
}

/** From 0 to `high` in at most eight steps, each a power of two: the numbers that bytes are counted in. */
export function byteTicks(high: number): number[] {
  const step = 2 ** Math.ceil(Math.log2(high / 8))
  return Array.from({ length: Math.ceil(high / step) + 1 }, (_, index) => index * step)
}

/** As an axis has it: no digit more than it takes. */
export function short(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)} M`
  return value >= 1e4 ? `${trimmed(value / 1e3)} k` : trimmed(value)
}

export function shortMicros(micros: number): string {
  if (micros >= 1e6) return `${trimmed(micros / 1e6)} s`
  return micros >= 1e3 ? `${trimmed(micros / 1e3)} ms` : `${trimmed(micros)} µs`
}

export function shortMillis(ms: number): string {
  return shortMicros(1000 * ms)
}

export function shortBytes(bytes: number): string {
  if (bytes >= 1024 ** 2) return `${trimmed(bytes / 1024 ** 2)} MiB`
  return bytes >= 1024 ? `${trimmed(bytes / 1024)} KiB` : `${trimmed(bytes)} B`
}

function trimmed(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 6 })
}
