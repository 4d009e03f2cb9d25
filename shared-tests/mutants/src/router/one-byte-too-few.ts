/**
 * Idea      So many bytes are too many.
 * Flaw      One more than so many are.
 * Seen by   R5.1-n-and-less: messages of n-1 and of n bytes are routed.
 */
import { Router } from '@switchyard/protocols/router'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const oneByteTooFew: Mutant = {
  seenBy: 'R5.1',
  case: 'R5.1-n-and-less',
  reason: 'receiver awaits a message',
  pattern: soundBut('one-byte-too-few', {
    protocol: (_, { messageBytesMax }) => new Router({ messageBytesMax: messageBytesMax - 1 }),
  }),
}
