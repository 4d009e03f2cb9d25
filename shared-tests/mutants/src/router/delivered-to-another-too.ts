/**
 * Idea      Keep a copy with the client beside, in case the first one is gone.
 * Flaw      What was sent to one client is read by another.
 * Seen by   R3.1-named-and-no-other: a message reaches the client that it names, and no other.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const deliveredToAnotherToo: Mutant = {
  seenBy: 'R3.1',
  case: 'R3.1-named-and-no-other',
  reason: '"ent 1"',
  pattern: soundBut('delivered-to-another-too', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        out.send(to, bytes)
        out.send(to + 1, bytes)
      }),
  }),
}
