/**
 * Idea      Let a client in if there are fewer than so many, with it.
 * Flaw      The last place is never taken.
 * Seen by   R5.2-one-connection-too-many: n-1 and n clients are served; one more is closed without a byte, as often as
 *           it tries.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const oneConnectionTooFew: Mutant = {
  seenBy: 'R5.2',
  case: 'R5.2-one-connection-too-many',
  reason: 'client 4: the server closed the connection (fin) without sending its id',
  pattern: soundBut('one-connection-too-few', {
    limits: ({ connectionsMax }) => ({ connectionsMax: connectionsMax - 1 }),
  }),
}
