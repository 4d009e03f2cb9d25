/**
 * Idea      Whoever writes to an id that nobody has is broken: end it.
 * Flaw      A client that has just left is such an id. Its correspondents are ended for that.
 * Seen by   R3.7-unknown-id: a message to an unknown id is dropped, and the next one routed.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const deathByUnknownId: Mutant = {
  seenBy: 'R3.7',
  case: 'R3.7-unknown-id',
  reason: 'sender: the connection ended (reset)',
  pattern: soundBut('death-by-unknown-id', {
    protocol(given) {
      const connected = new Set<ClientId>()
      const strict = rerouted(given, ({ from, to, bytes }, out) => {
        if (connected.has(to)) out.send(to, bytes)
        else out.abort(from, 'reset')
      })
      return forwardingProtocol(strict, {
        connected(client, out, role) {
          connected.add(client)
          given.connected(client, out, role)
        },
        disconnected(client, out) {
          connected.delete(client)
          given.disconnected(client, out)
        },
      })
    },
  }),
}
