const MEBIBYTE = 1024 * 1024

export function bytes(count: number): string {
  if (Math.abs(count) >= MEBIBYTE) return `${(count / MEBIBYTE).toFixed(1)} MiB`
  if (Math.abs(count) >= 1024) return `${Math.round(count / 1024)} KiB`
  return `${Math.round(count)} B`
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** A factor: `× 1.02`, `× 34`. */
export function times(factor: number): string {
  return `× ${factor.toFixed(factor < 9.95 ? 2 : 0)}`
}
