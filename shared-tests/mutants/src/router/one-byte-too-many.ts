/**
 * Idea      A message may have so many bytes, and its NUL.
 * Flaw      The NUL counts.
 * Seen by   R5.1-one-too-many: a message of n+1 bytes ends its sender; what came before it is routed, nothing of it or
 *           behind it is.
 */
import { Router } from '@switchyard/protocols/router'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const oneByteTooMany: Mutant = {
  seenBy: 'R5.1',
  case: 'R5.1-one-too-many',
  reason: 'culprit awaits the end',
  pattern: soundBut('one-byte-too-many', {
    protocol: (_, { messageBytesMax }) => new Router({ messageBytesMax: messageBytesMax + 1 }),
  }),
}
