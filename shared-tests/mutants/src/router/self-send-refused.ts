/**
 * Idea      Nobody writes to himself: that is a mistake, so drop it.
 * Flaw      It is a message like any other, and the protocol says so.
 * Seen by   R3.6-to-itself: a client that sends to itself receives the message.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const selfSendRefused: Mutant = {
  seenBy: 'R3.6',
  case: 'R3.6-to-itself',
  reason: 'client awaits a message',
  pattern: soundBut('self-send-refused', {
    protocol: (given) =>
      rerouted(given, ({ from, to, bytes }, out) => {
        if (from !== to) out.send(to, bytes)
      }),
  }),
}
