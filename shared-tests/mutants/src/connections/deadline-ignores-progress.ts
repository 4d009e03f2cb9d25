/**
 * Idea      Whatever is written must be through by the deadline.
 * Flaw      A long message to a client that reads steadily may take longer than that: some of it was accepted all the
 *           while.
 * Seen by   R5.3-steady-reader: a client that reads steadily stays, though one message for it outlasts several
 *           deadlines.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Impatient extends SoundServer {
  protected override async deliver(destination: Connection, cause: Connection): Promise<void> {
    const { clock, limits } = this.connections
    const cancel = clock.after(limits.writeDeadlineMs, () => destination.abort('write-deadline'))
    await super.deliver(destination, cause)
    cancel()
  }
}

export const deadlineIgnoresProgress: Mutant = {
  seenBy: 'R5.3',
  case: 'R5.3-steady-reader',
  reason: 'steady: expected 2097152 bytes, but the connection ended (reset)',
  pattern: soundBut('deadline-ignores-progress', { Server: Impatient }),
}
