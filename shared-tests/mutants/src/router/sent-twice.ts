/**
 * Idea      Nobody confirms a delivery, so send everything twice to be sure.
 * Flaw      TCP has delivered the first one already.
 * Seen by   R3.4-everybody-to-everybody: when everybody sends to everybody, every message arrives once.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const sentTwice: Mutant = {
  seenBy: 'R3.4',
  case: 'R3.4-everybody-to-everybody',
  reason: 'it came twice, or out of order',
  pattern: soundBut('sent-twice', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        out.send(to, bytes)
        out.send(to, bytes)
      }),
  }),
}
