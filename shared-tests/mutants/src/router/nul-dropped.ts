/**
 * Idea      The NUL ends a message on the way in; it is no part of it.
 * Flaw      It ends the message on the way out, too: without it nobody knows where the next one begins.
 * Seen by   R1.4-not-a-byte-more: the destination receives bodies and their NULs, and not a byte more.
 */
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const nulDropped: Mutant = {
  seenBy: 'R1.4',
  case: 'R1.4-not-a-byte-more',
  reason: 'receiver awaits 19 bytes',
  pattern: soundBut('nul-dropped', {
    protocol: (given) => rerouted(given, ({ to, bytes }, out) => out.send(to, bytes.subarray(0, -1))),
  }),
}
