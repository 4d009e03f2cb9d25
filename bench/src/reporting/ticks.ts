/** Where an axis is marked. */

/** What is marked of each decade: the more of them there are, the less. */
const STEPS: readonly { readonly decadesMax: number; readonly steps: readonly number[] }[] = [
  { decadesMax: 1, steps: [1, 1.5, 2, 3, 4, 5, 7] },
  { decadesMax: 2.5, steps: [1, 2, 5] },
  { decadesMax: Number.POSITIVE_INFINITY, steps: [1] },
]

/** For a scale of logarithms, between two numbers above 0. */
export function logTicks(low: number, high: number): number[] {
  const { steps = [] } = STEPS.find(({ decadesMax }) => Math.log10(high / low) <= decadesMax) ?? {}
  const ticks: number[] = []
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++) {
    ticks.push(...steps.map((step) => Number((step * 10 ** decade).toPrecision(3))))
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
