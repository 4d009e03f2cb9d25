/**
 * Idea      Look first whether there is anybody with that id, and spare the outbox a message to nobody.
 * Flaw      The outbox is who counts. A sender that writes into the void for hours leaves no trace.
 * Seen by   R3.7-drops-counted: drops are counted, each message once.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const dropsNotCounted: Mutant = {
  seenBy: 'R3.7',
  case: 'R3.7-drops-counted',
  reason: 'messages counted as dropped: expected 3, received 0',
  pattern: soundBut('drops-not-counted', {
    protocol(given) {
      const connected = new Set<ClientId>()
      const silent = rerouted(given, ({ to, bytes }, out) => {
        if (connected.has(to)) out.send(to, bytes)
      })
      return forwardingProtocol(silent, {
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
