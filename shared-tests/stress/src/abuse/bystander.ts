import { settlesWithin } from '@switchyard/harness'

/** What it asks takes no longer than this to come back, ms: not a measurement, but the end of patience. */
const PATIENCE_MS = 30_000

/** How long a bystander waited for its answers, in some time. */
export interface RoundTrips {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** A client that has nothing to do with an abuse: it asks, hears the answer, and asks again. */
export class Bystander implements Disposable {
  /** What it noticed, if it did. */
  problem: string | undefined
  readonly #client: { destroy(): void }
  readonly #ask: (count: number) => Promise<void>
  #asked = 0

  /** `ask` settles when the answer has come, and is told how many there were before; `client` is its own. */
  constructor(client: { destroy(): void }, ask: (count: number) => Promise<void>) {
    this.#client = client
    this.#ask = ask
  }

  [Symbol.dispose](): void {
    this.#client.destroy()
  }

  /** Talks until `busy` has settled, and rejects as it does. */
  async during(busy: () => Promise<void>): Promise<RoundTrips> {
    const over = new AbortController()
    const done = busy().finally(() => over.abort())
    const tripsMs: number[] = []
    while (!over.signal.aborted && this.problem === undefined) {
      const startMs = performance.now()
      if (await settlesWithin(PATIENCE_MS, this.#roundTrip())) tripsMs.push(performance.now() - startMs)
      else this.problem = `the bystander had no answer for ${PATIENCE_MS / 1000} s`
    }
    await done
    const sorted = tripsMs.toSorted((a, b) => a - b)
    const at = (share: number): number => rounded(sorted[Math.ceil(share * (sorted.length - 1))] ?? Number.NaN)
    return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  }

  async #roundTrip(): Promise<void> {
    try {
      await this.#ask(this.#asked++)
    } catch (error) {
      this.problem ??= `bystander: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
