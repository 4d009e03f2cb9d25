/**
 * Idea      A client that does not read may begin to at any time: wait for it as long as there is grace.
 * Flaw      Then no grace is left for those who read and have something to come.
 * Seen by   R4.3-stalled-share-a-quarter: however many clients are stalled, they share a quarter of the grace, and
 *           cost a healthy one nothing.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const allTheGraceForTheStalled: Mutant = {
  seenBy: 'R4.3',
  case: 'R4.3-stalled-share-a-quarter',
  reason: 'did not come within 2000 ms',
  pattern: soundBut('all-the-grace-for-the-stalled', { limits: ({ graceMs }) => ({ graceMs: 4 * graceMs }) }),
}
