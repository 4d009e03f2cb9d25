/**
 * Idea      A message that is too long is dropped, and its sender may try again.
 * Flaw      Where the next message would begin nobody knows, so nothing of that client is ever heard again, and it is
 *           not told.
 * Seen by   R5.1-never-ends: a message that never ends is ended.
 */
import { forwardingProtocol } from '@switchyard/core'
import { through } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const tooLongButNotEnded: Mutant = {
  seenBy: 'R5.1',
  case: 'R5.1-never-ends',
  reason: 'culprit awaits the end',
  pattern: soundBut('too-long-but-not-ended', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received(client, chunk, out) {
          given.received(client, chunk, { ...through(out, (to, bytes) => out.send(to, bytes)), abort() {} })
        },
      }),
  }),
}
