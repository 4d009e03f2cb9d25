/**
 * Idea      Forward what came: the destination may want all of it.
 * Flaw      What came begins with the id, which is for the server alone.
 * Seen by   R1.4-not-a-byte-more: the destination receives bodies and their NULs, and not a byte more.
 */
import { encodeId, rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const headerForwarded: Mutant = {
  seenBy: 'R1.4',
  case: 'R1.4-not-a-byte-more',
  reason: 'receiver: the stream: expected 19 bytes',
  pattern: soundBut('header-forwarded', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        out.send(to, encodeId(to))
        out.send(to, bytes)
      }),
  }),
}
