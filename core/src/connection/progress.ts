import type { Duplex } from 'node:stream'
import type { Shared } from './shared.ts'

/**
 * Since when a client was not seen to take anything. Where the listener can tell what the kernel holds for the client, each look
 * asks for that: a slow reader takes some long before the kernel accepts more. Elsewhere nothing is ever seen.
 */
export class Progress {
  /** Ms by the clock. */
  since: number
  readonly #socket: Duplex
  readonly #shared: Pick<Shared, 'clock' | 'untaken'>
  #takenMost: number | undefined

  constructor(socket: Duplex, shared: Pick<Shared, 'clock' | 'untaken'>) {
    this.#socket = socket
    this.#shared = shared
    this.since = shared.clock.now()
  }

  /** `bytesOut`: what the kernel has accepted so far. Never rejects. */
  async look(bytesOut: () => number): Promise<void> {
    const untaken = await this.#shared.untaken?.(this.#socket)
    if (untaken === undefined) return
    const taken = bytesOut() - untaken
    if (untaken === 0 || (this.#takenMost !== undefined && taken > this.#takenMost))
      this.since = this.#shared.clock.now()
    this.#takenMost = Math.max(taken, this.#takenMost ?? taken)
  }
}
