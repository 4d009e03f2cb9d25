/**
 * Idea      The client will close its socket; nothing is left to do.
 * Flaw      It waits for the server to do the same. Both keep a socket for good.
 * Seen by   R4.1-fin-behind-own-messages: a client that sends to itself and then FIN receives it all, and then FIN.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Unclosing extends SoundServer {
  protected override close(): void {}
}

export const neverClosesAfterFin: Mutant = {
  seenBy: 'R4.1',
  case: 'R4.1-fin-behind-own-messages',
  reason: 'client awaits the end',
  pattern: soundBut('never-closes-after-fin', { Server: Unclosing }),
}
