/**
 * Idea      Read ids as they were written, and nobody can tell how that is.
 * Flaw      Both are little-endian. Clients agree with each other, and with nobody else who counts them.
 * Seen by   R1.1-id-in-the-books: the number on the wire is the number that the server counts the client under.
 */
import { forwardingProtocol } from '@switchyard/core'
import { encodeId, readId, through } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const littleEndianAllOver: Mutant = {
  seenBy: 'R1.1',
  case: 'R1.1-id-in-the-books',
  reason: 'the case awaits the count of a close',
  pattern: soundBut('little-endian-all-over', {
    protocol: (given) =>
      forwardingProtocol(given, {
        connected: (client, out, role) =>
          given.connected(
            client,
            through(out, (to, id) => out.send(to, id.toReversed())),
            role,
          ),
        received(client, chunk, out) {
          const swapped = through(out, (to, bytes) => out.send(readId(encodeId(to).toReversed()), bytes))
          given.received(client, chunk, swapped)
        },
      }),
  }),
}
