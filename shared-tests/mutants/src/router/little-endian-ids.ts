/**
 * Idea      An id is a number; write it as this machine does.
 * Flaw      This machine is little-endian, and the network is not: what a client sends back names nobody.
 * Seen by   R1.1-id-as-it-was-read: an id, sent back as it was read, reaches the client that it was given to.
 */
import { announced } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const littleEndianIds: Mutant = {
  seenBy: 'R1.1',
  case: 'R1.1-id-as-it-was-read',
  reason: 'awaits a message',
  pattern: soundBut('little-endian-ids', {
    protocol: (given) => announced(given, (client, id, out) => out.send(client, id.toReversed())),
  }),
}
