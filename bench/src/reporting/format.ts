import type { Figure } from '../analysis/metrics.ts'
import type { Interval } from '../analysis/statistics/bootstrap.ts'

/** Three digits are more than any of these figures is good for. */
export function number(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 10 ? 1 : size >= 0.995 ? 2 : size === 0 ? 0 : 3)
}

export function rate(perSecond: number): string {
  if (perSecond >= 999_500) return `${number(perSecond / 1e6)} M`
  return perSecond >= 999.5 ? `${number(perSecond / 1e3)} k` : number(perSecond)
}

export function micros(value: number): string {
  if (value >= 999_500) return `${number(value / 1e6)} s`
  return value >= 999.5 ? `${number(value / 1e3)} ms` : `${number(value)} µs`
}

export function bytes(value: number): string {
  if (Math.abs(value) >= 1024 ** 3) return `${number(value / 1024 ** 3)} GiB`
  if (Math.abs(value) >= 1024 ** 2) return `${number(value / 1024 ** 2)} MiB`
  return Math.abs(value) >= 1024 ? `${number(value / 1024)} KiB` : `${Math.round(value)} B`
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

export function seconds(ms: number): string {
  if (ms < 90_000) return `${Math.round(ms / 1000)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** How a figure is written, by the unit in its name. */
export function figure(name: Figure, value: number): string {
  if (name === 'bytesPerSecond') return `${bytes(value)}/s`
  if (name.endsWith('PerSecond')) return rate(value)
  if (name.endsWith('Micros')) return micros(value)
  if (name.endsWith('Ms')) return micros(1000 * value)
  if (name.endsWith('Bytes')) return bytes(value)
  return percent(value)
}

/** `value [low, high]`; without ends where there are too few blocks for any. */
export function interval({ value, low, high }: Interval, write: (value: number) => string): string {
  return Number.isFinite(high) ? `${write(value)} [${write(low)}, ${write(high)}]` : write(value)
}
