/**
 * Idea      Look twice in each deadline, and end whoever has not read since the last look.
 * Flaw      The first look counts already: half of the time is all that a client has.
 * Seen by   R5.3-not-before-the-deadline: the abort comes not before the deadline, and its reason is recorded.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const halfTheDeadline: Mutant = {
  seenBy: 'R5.3',
  case: 'R5.3-not-before-the-deadline',
  reason: 'aborts before the deadline: expected 0, received 1',
  pattern: soundBut('half-the-deadline', {
    limits: ({ writeDeadlineMs }) => ({ writeDeadlineMs: Math.ceil(writeDeadlineMs / 2) }),
  }),
}
