/**
 * Idea      Ids that have become free are given again, so that they stay small.
 * Flaw      Whoever still writes to the client that had left writes to a stranger.
 * Seen by   R2.1-late-message-to-nobody: a late message to a client that has left reaches no newcomer.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { encodeId, rerouted } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const NOBODY = 0

export const idUsedTwice: Mutant = {
  seenBy: 'R2.1',
  case: 'R2.1-late-message-to-nobody',
  reason: '"too late"',
  pattern: soundBut('id-used-twice', {
    protocol(given) {
      const free: number[] = []
      const idOf = new Map<ClientId, number>()
      const clientOf = new Map<number, ClientId>()
      const translated = rerouted(given, ({ to, bytes }, out) => out.send(clientOf.get(to) ?? NOBODY, bytes))
      return forwardingProtocol(translated, {
        connected(client, out) {
          const id = free.pop() ?? client
          idOf.set(client, id)
          clientOf.set(id, client)
          out.send(client, encodeId(id))
        },
        disconnected(client, out) {
          free.push(idOf.get(client) ?? client)
          given.disconnected(client, out)
        },
      })
    },
  }),
}
