/**
 * Idea      After the last FIN the clients get the time that they have been promised.
 * Flaw      They have used it: all of them have closed. A restart takes longer for nothing.
 * Seen by   R5.5-closed-at-once: a client that closes is not waited for any longer.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Lingering extends SoundServer {
  protected override async stop(): Promise<void> {
    await super.stop()
    const { clock, limits } = this.connections
    await new Promise<void>((resolve) => void clock.after(limits.lingerMs, resolve))
  }
}

export const lingersInAnyCase: Mutant = {
  seenBy: 'R5.5',
  case: 'R5.5-closed-at-once',
  reason: 'nothing has moved',
  pattern: soundBut('lingers-in-any-case', { Server: Lingering }),
}
