/**
 * Idea      A client that leaves in the middle of a message meant to end it: add the NUL.
 * Flaw      Half of a message is delivered as if it were one.
 * Seen by   R4.1-complete-before-fin: complete messages before a FIN are delivered, an incomplete one is not, and the
 *           server closes.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const NUL = 0

export const unfinishedDeliveredAtFin: Mutant = {
  seenBy: 'R4.1',
  case: 'R4.1-complete-before-fin',
  reason: 'received from byte 0  (nothing)',
  pattern: soundBut('unfinished-delivered-at-fin', {
    protocol: (given) =>
      forwardingProtocol(given, {
        disconnected(client, out) {
          given.received(client, Uint8Array.of(NUL), out)
          given.disconnected(client, out)
        },
      }),
  }),
}
