/**
 * Idea      Shutting down is ending: end every connection.
 * Flaw      What had been read, and what was queued, goes with them.
 * Seen by   R4.3-read-is-delivered: every complete message that was read before the shutdown is delivered to a client
 *           that reads.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Ending extends SoundServer {
  protected override async stop(): Promise<void> {
    for (const connection of this.connections.all()) connection.abort('shutdown-deadline')
    await super.stop()
  }
}

export const lostAtShutdown: Mutant = {
  seenBy: 'R4.3',
  case: 'R4.3-read-is-delivered',
  reason: 'receiver: expected the end by fin, but it was reset',
  pattern: soundBut('lost-at-shutdown', { Server: Ending }),
}
