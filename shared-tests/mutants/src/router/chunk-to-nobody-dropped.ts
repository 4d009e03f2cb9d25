/**
 * Idea      A chunk that begins with an id that nobody has is for nobody: it need not be looked at.
 * Flaw      It may hold the beginning of a message or the end of one, and others behind it that are for somebody.
 * Seen by   R3.7-long-to-nobody: a long message to an unknown id is consumed to its end, in however many pieces it
 *           comes.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { readId } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const ID_BYTES = 4

export const chunkToNobodyDropped: Mutant = {
  seenBy: 'R3.7',
  case: 'R3.7-long-to-nobody',
  reason: 'receiver awaits a message',
  pattern: soundBut('chunk-to-nobody-dropped', {
    protocol(given) {
      const connected = new Set<ClientId>()
      return forwardingProtocol(given, {
        connected(client, out, role) {
          connected.add(client)
          given.connected(client, out, role)
        },
        received(client, chunk, out) {
          const begins = given.heldBytes(client) === 0 && chunk.length >= ID_BYTES
          if (!begins || connected.has(readId(chunk))) given.received(client, chunk, out)
        },
        disconnected(client, out) {
          connected.delete(client)
          given.disconnected(client, out)
        },
      })
    },
  }),
}
