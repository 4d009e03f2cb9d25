/**
 * Idea      A message is about as long as a line: what is longer than a whole read must be a mistake.
 * Flaw      The protocol's limit is another one, and it is for the server to say which messages it takes.
 * Seen by   R1.3-a-million-bytes: a body of a million bytes is a message.
 */
import { READ_BYTES } from '@switchyard/core'
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const longerThanAReadIsLost: Mutant = {
  seenBy: 'R1.3',
  case: 'R1.3-a-million-bytes',
  reason: 'receiver awaits a message',
  pattern: soundBut('longer-than-a-read-is-lost', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        if (bytes.length <= READ_BYTES) out.send(to, bytes)
      }),
  }),
}
