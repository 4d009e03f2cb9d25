/**
 * Idea      Nobody has more than some hundred clients: count them in one byte, and fill up with zeros.
 * Flaw      Whoever comes after the last number gets the first one again, whoever has it.
 * Seen by   R2.1-different-ids: clients that are connected at one time have different ids.
 */
import { announced, encodeId } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const IDS = 128

export const idOfOneByte: Mutant = {
  seenBy: 'R2.1',
  case: 'R2.1-different-ids',
  reason: 'different ids: expected 150, received 128',
  pattern: soundBut('id-of-one-byte', {
    protocol: (given) => announced(given, (client, _, out) => out.send(client, encodeId(client % IDS))),
  }),
}
