/**
 * Idea      Count clients as they come.
 * Flaw      Nobody counts them as they go: after so many the server is full for good.
 * Seen by   R5.2-place-free-again: the place of a client that has left is free again.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const placeNeverFree: Mutant = {
  seenBy: 'R5.2',
  case: 'R5.2-place-free-again',
  reason: '20 tries later nobody has been let in',
  pattern: soundBut('place-never-free', { limits: ({ connectionsMax }) => ({ idsMax: connectionsMax }) }),
}
