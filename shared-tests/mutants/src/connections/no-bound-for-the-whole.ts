/**
 * Idea      Each queue is bounded, and so is each message: that must be enough.
 * Flaw      A bound for each of any number of clients bounds nothing.
 * Seen by   R5.6-largest-ended: when unfinished messages alone fill the memory, the client with the largest is ended,
 *           and the others go on.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const noBoundForTheWhole: Mutant = {
  seenBy: 'R5.6',
  case: 'R5.6-largest-ended',
  reason: 'the end of the client with the largest unfinished message did not come',
  pattern: soundBut('no-bound-for-the-whole', { limits: () => ({ heldBytesMax: 2 ** 40 }) }),
}
