/**
 * Idea      Let a client in if there are not more than so many.
 * Flaw      With it there are.
 * Seen by   R5.2-one-connection-too-many: n-1 and n clients are served; one more is closed without a byte, as often as
 *           it tries.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const oneConnectionTooMany: Mutant = {
  seenBy: 'R5.2',
  case: 'R5.2-one-connection-too-many',
  reason: 'a client more than connectionsMax got an id',
  pattern: soundBut('one-connection-too-many', {
    limits: ({ connectionsMax }) => ({ connectionsMax: connectionsMax + 1 }),
  }),
}
