/**
 * Idea      A message without a body says nothing: spare the write.
 * Flaw      It says that it was sent. Clients that wait for it wait for good.
 * Seen by   R1.3-empty-body: an empty body is a message.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const emptyBodyIsNoMessage: Mutant = {
  seenBy: 'R1.3',
  case: 'R1.3-empty-body',
  reason: 'receiver awaits a message',
  pattern: soundBut('empty-body-is-no-message', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        if (bytes.length > 1) out.send(to, bytes)
      }),
  }),
}
