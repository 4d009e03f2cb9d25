/**
 * Idea      Only what is queued counts; what is still being read is not the queue's.
 * Flaw      It is memory. Clients that begin messages and never end them fill it, and nobody is ended for it.
 * Seen by   R5.6-largest-recorded: the reason for ending the client with the largest unfinished message is recorded.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const unfinishedNotCounted: Mutant = {
  seenBy: 'R5.6',
  case: 'R5.6-largest-recorded',
  reason: 'the end of the client with the largest unfinished message did not come',
  pattern: soundBut('unfinished-not-counted', {
    protocol: (given) => forwardingProtocol(given, { heldBytes: () => 0 }),
  }),
}
