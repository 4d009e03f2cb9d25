/**
 * Idea      A connection that was reset is gone: there is nothing left to do for it.
 * Flaw      The protocol is never told. It keeps the unfinished message of a client that no longer is.
 * Seen by   R4.2-freed-at-reset: what was held of a client that resets, and for it, is freed.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Leaking extends SoundServer {
  protected override async leave(connection: Connection): Promise<void> {
    if (connection.state !== 'closed') await super.leave(connection)
  }
}

export const leakAtReset: Mutant = {
  seenBy: 'R4.2',
  case: 'R4.2-freed-at-reset',
  reason: 'the case awaits nothing held',
  pattern: soundBut('leak-at-reset', { Server: Leaking }),
}
