/**
 * Idea      Handle a segment, and be done with it.
 * Flaw      TCP also parts what was sent together. The beginning of a message is forgotten, and its end taken for a
 *           beginning.
 * Seen by   R1.5-byte-by-byte: a message that comes one byte at a time is a message.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const cutMessageForgotten: Mutant = {
  seenBy: 'R1.5',
  case: 'R1.5-byte-by-byte',
  reason: 'receiver awaits a message',
  pattern: soundBut('cut-message-forgotten', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received(client, chunk, out) {
          given.received(client, chunk, out)
          given.disconnected(client, out)
        },
      }),
  }),
}
