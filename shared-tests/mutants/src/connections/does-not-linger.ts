/**
 * Idea      FIN is sent: the rest is up to the client.
 * Flaw      What it still sends is answered with a reset, which takes along what it has not read.
 * Seen by   R5.5-not-before-linger: a client that does not close is not cut off before lingerMs has passed.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const doesNotLinger: Mutant = {
  seenBy: 'R5.5',
  case: 'R5.5-not-before-linger',
  reason: 'connections that stand: expected 1, received 0',
  pattern: soundBut('does-not-linger', { limits: () => ({ lingerMs: 1 }) }),
}
