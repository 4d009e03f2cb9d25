import type { Socket } from 'node:net'
import { CHAT } from '@switchyard/protocols/chat/suite'
import { settlesWithin } from '@switchyard/harness'

/** What it says takes no longer than this to come back, ms: not a measurement, but the end of patience. */
const PATIENCE_MS = 30_000

/** How long a member waited for its own lines, in some time. */
export interface RoundTrips {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** A member alone in its room: says a line, hears it, and says the next one. */
export class ChatBystander implements Disposable {
  /** What it noticed, if it did. */
  problem: string | undefined
  readonly #client: ReturnType<typeof CHAT.client>
  #joined = false
  #said = 0

  constructor(socket: Socket) {
    this.#client = CHAT.client('bystander', socket)
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
      else this.problem = `the bystander did not hear its own line for ${PATIENCE_MS / 1000} s`
    }
    await done
    const sorted = tripsMs.toSorted((a, b) => a - b)
    const at = (share: number): number => rounded(sorted[Math.ceil(share * (sorted.length - 1))] ?? Number.NaN)
    return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
  }

  async #roundTrip(): Promise<void> {
    try {
      if (!this.#joined) {
        await this.#client.say('/name bystander', '/join apart')
        await this.#client.readUntil('You joined apart')
        this.#joined = true
      }
      const line = `line ${this.#said++}`
      await this.#client.say(line)
      await this.#client.expectLines(`bystander: ${line}`)
    } catch (error) {
      this.problem ??= `bystander: ${error instanceof Error ? error.message : String(error)}`
    }
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
