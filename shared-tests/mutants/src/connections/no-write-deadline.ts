/**
 * Idea      TCP finds out by itself who is gone.
 * Flaw      A client that is there and does not read is not gone. Whoever holds the lock waits for it, and everybody for
 *           the lock.
 * Seen by   R5.3-stalled-aborted: a client that reads nothing is aborted, and whoever waited for it goes on.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const FOR_EVER_MS = 2 ** 31 - 1

export const noWriteDeadline: Mutant = {
  seenBy: 'R5.3',
  case: 'R5.3-stalled-aborted',
  reason: 'a message between two others did not come',
  pattern: soundBut('no-write-deadline', { limits: () => ({ writeDeadlineMs: FOR_EVER_MS }) }),
}
