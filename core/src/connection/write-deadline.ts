import type { Duplex } from 'node:stream'
import type { Cancel } from '../clock.ts'
import type { Shared } from './shared.ts'

/** So often it is looked, in the time of one deadline. */
const LOOKS = 8

/** What is outstanding in one write, as it was last looked at. A look that comes back late finds that of its own write. */
interface Watch {
  /** Since when nothing was seen to be taken, ms by the clock. */
  since: number
  untaken: number | undefined
}

/**
 * Ends a client that takes nothing of what is outstanding for it (R5.3). Where the listener can tell what the kernel holds
 * for the client, that is asked as time goes on: a slow reader takes some long before the kernel accepts more.
 */
export class WriteDeadline {
  readonly #socket: Duplex
  readonly #shared: Pick<Shared, 'clock' | 'limits' | 'untaken'>
  readonly #expired: () => void
  #cancel: Cancel | undefined

  constructor(socket: Duplex, shared: Pick<Shared, 'clock' | 'limits' | 'untaken'>, expired: () => void) {
    this.#socket = socket
    this.#shared = shared
    this.#expired = expired
  }

  start(): void {
    const { clock, limits, untaken } = this.#shared
    if (untaken) this.#watch({ since: clock.now(), untaken: undefined })
    else this.#cancel = clock.after(limits.writeDeadlineMs, this.#expired)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Until the next look, or the end: that waits for no look, so that it comes on time whatever the system does. */
  #watch(watched: Watch): void {
    const { clock, limits } = this.#shared
    const leftMs = watched.since + limits.writeDeadlineMs - clock.now()
    if (leftMs <= 0) return this.#expired()
    this.#cancel = clock.after(Math.min(leftMs, limits.writeDeadlineMs / LOOKS), () => {
      this.#watch(watched)
      void this.#look(watched)
    })
  }

  async #look(watched: Watch): Promise<void> {
    const untaken = await this.#shared.untaken?.(this.#socket)
    if (untaken !== undefined && watched.untaken !== undefined && untaken < watched.untaken)
      watched.since = this.#shared.clock.now()
    watched.untaken = untaken
  }
}
