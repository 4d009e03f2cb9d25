/**
 * Idea      Messages are text: decode them once, at the border, as one should.
 * Flaw      They are bytes. What is no UTF-8 comes out as something else.
 * Seen by   R1.3-every-byte: every byte but NUL may stand in a body, at either end of it too.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const bodiesAreText: Mutant = {
  seenBy: 'R1.3',
  case: 'R1.3-every-byte',
  reason: 'receiver: the message',
  pattern: soundBut('bodies-are-text', {
    protocol: (given) =>
      rerouted(given, ({ to, bytes }, out) => {
        out.send(to, new TextEncoder().encode(new TextDecoder().decode(bytes)))
      }),
  }),
}
