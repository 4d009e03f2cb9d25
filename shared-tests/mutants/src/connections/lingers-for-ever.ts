/**
 * Idea      Wait for the client to close its side.
 * Flaw      It may never do so.
 * Seen by   R5.5-linger-ends: a client that does not close is waited for as long as lingerMs, and no longer.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const FOR_EVER_MS = 2 ** 31 - 1

export const lingersForEver: Mutant = {
  seenBy: 'R5.5',
  case: 'R5.5-linger-ends',
  reason: 'the end of the shutdown did not come within 300 ms',
  pattern: soundBut('lingers-for-ever', { limits: () => ({ lingerMs: FOR_EVER_MS }) }),
}
