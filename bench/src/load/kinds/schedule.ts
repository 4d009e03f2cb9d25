import { Random } from '@switchyard/core'

/** When each message of an open loop is due, and whose it is; computed before the load begins. */
export interface Schedule {
  readonly count: number
  /** From the load's beginning, ms; never goes back. */
  readonly atMs: Float64Array
  readonly pair: Uint16Array
  /** The messages of one pair, in order, as indices into the above. */
  ofPair(pair: number): Uint32Array
  /** How many messages are due from `fromMs` to before `toMs`. */
  dueBetween(fromMs: number, toMs: number): number
}

/**
 * Poisson arrivals, as those of many clients who do not know of each other: gaps are exponential, the pair is drawn. The
 * same seed gives the same schedule.
 */
export function scheduleOf(messagesPerSecond: number, durationMs: number, pairs: number, seed: number): Schedule {
  const random = new Random(seed)
  const meanGapMs = 1000 / messagesPerSecond
  const times: number[] = []
  for (let at = gap(); at < durationMs; at += gap()) times.push(at)
  const atMs = Float64Array.from(times)
  const pair = Uint16Array.from(times, () => random.below(pairs))
  return {
    count: times.length,
    atMs,
    pair,
    ofPair: (wanted) => Uint32Array.from(times.keys()).filter((message) => pair[message] === wanted),
    dueBetween: (fromMs, toMs) => atMs.filter((at) => at >= fromMs && at < toMs).length,
  }

  function gap(): number {
    return -Math.log(1 - random.fraction()) * meanGapMs
  }
}
