/**
 * Idea      The client has said that it is done: free its socket.
 * Flaw      It is done with sending. A reset takes along what it has not read yet.
 * Seen by   R4.1-complete-before-fin: complete messages before a FIN are delivered, an incomplete one is not, and the
 *           server closes.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Destroying extends SoundServer {
  protected override close(connection: Connection): void {
    connection.abort('reset')
  }
}

export const destroyedAtFin: Mutant = {
  seenBy: 'R4.1',
  case: 'R4.1-complete-before-fin',
  reason: 'expected the end by fin, but it was reset',
  pattern: soundBut('destroyed-at-fin', { Server: Destroying }),
}
