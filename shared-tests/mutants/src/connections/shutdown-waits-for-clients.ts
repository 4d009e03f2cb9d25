/**
 * Idea      Be polite: shut down when the last client has left.
 * Flaw      Clients have no reason to leave. The server goes on, and lets others in, until it is killed.
 * Seen by   R4.3-idle-shutdown: an idle server that is shut down sends FIN to everybody, and ends as soon as they have
 *           left.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Patient extends SoundServer {
  protected override async stop(): Promise<void> {
    await this.loops.settled()
    await super.stop()
  }
}

export const shutdownWaitsForClients: Mutant = {
  seenBy: 'R4.3',
  case: 'R4.3-idle-shutdown',
  reason: 'awaits the end',
  pattern: soundBut('shutdown-waits-for-clients', { Server: Patient }),
}
