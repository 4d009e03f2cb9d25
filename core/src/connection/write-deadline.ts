import type { Duplex } from 'node:stream'
import type { Cancel } from '../clock.ts'
import { Progress } from './progress.ts'
import type { Shared } from './shared.ts'

/** So often it is looked, in the time of one deadline. */
const LOOKS = 8

/** Ends a client that takes nothing of what is outstanding for it (R5.3). */
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
    // A look that comes back late finds the progress of its own write.
    if (untaken) this.#watch(new Progress(this.#socket, this.#shared))
    else this.#cancel = clock.after(limits.writeDeadlineMs, this.#expired)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Until the next look, or the end: that waits for no look, so that it comes on time whatever the system does. */
  #watch(progress: Progress): void {
    const { clock, limits } = this.#shared
    const leftMs = progress.since + limits.writeDeadlineMs - clock.now()
    if (leftMs <= 0) return this.#expired()
    this.#cancel = clock.after(Math.min(leftMs, limits.writeDeadlineMs / LOOKS), () => {
      this.#watch(progress)
      void progress.look(() => 0)
    })
  }
}
