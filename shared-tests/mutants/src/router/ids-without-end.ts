/**
 * Idea      Two thousand million ids: nobody will ever run out of them.
 * Flaw      The bound is not looked at, so that at its end numbers would begin anew, or lose their upper bits.
 * Seen by   R2.1-ids-run-out: when the ids have run out, connections are refused, even though clients have left.
 */
import { DEFAULT_LIMITS } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const idsWithoutEnd: Mutant = {
  seenBy: 'R2.1',
  case: 'R2.1-ids-run-out',
  reason: '12 of 12 clients were let in, not 6',
  pattern: soundBut('ids-without-end', { limits: () => ({ idsMax: DEFAULT_LIMITS.idsMax }) }),
}
