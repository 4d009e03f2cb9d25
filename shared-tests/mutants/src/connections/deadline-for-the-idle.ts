/**
 * Idea      Whoever has not taken anything for so long is not there any more.
 * Flaw      There may have been nothing to take. Idle clients are ended, for a limit that is about slow ones.
 * Seen by   R5.3-idle-client-stays: a client for which nothing is queued stays, however long.
 */
import type { Cancel, Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Restless extends SoundServer {
  readonly #deadlines = new Map<Connection, Cancel>()

  protected override async deliver(destination: Connection, cause: Connection): Promise<void> {
    await super.deliver(destination, cause)
    const { clock, limits } = this.connections
    this.#deadlines.get(destination)?.()
    this.#deadlines.set(
      destination,
      clock.after(limits.writeDeadlineMs, () => destination.abort('write-deadline')),
    )
  }
}

export const deadlineForTheIdle: Mutant = {
  seenBy: 'R5.3',
  case: 'R5.3-idle-client-stays',
  reason: 'the connection ended (reset)',
  pattern: soundBut('deadline-for-the-idle', { Server: Restless }),
}
