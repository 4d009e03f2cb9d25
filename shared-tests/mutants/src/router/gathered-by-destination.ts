/**
 * Idea      Gather the pieces of a message where they go, and send them off with their NUL.
 * Flaw      Several send to one destination. Whoever ends a message first takes along what the others have begun.
 * Seen by   R3.3-pieces-in-turn: messages do not interleave when their pieces come in turn.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { readId } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const ID_BYTES = 4
const NUL = 0

export const gatheredByDestination: Mutant = {
  seenBy: 'R3.3',
  case: 'R3.3-pieces-in-turn',
  reason: 'they differ at byte 496',
  pattern: soundBut('gathered-by-destination', {
    protocol(given) {
      const heads = new Map<ClientId, number[]>()
      const bodies = new Map<ClientId, Uint8Array[]>()
      return forwardingProtocol(given, {
        received(client, chunk, out) {
          for (let rest = chunk; rest.length > 0;) {
            const head = heads.get(client) ?? []
            heads.set(client, head)
            const id = rest.subarray(0, ID_BYTES - head.length)
            head.push(...id)
            rest = rest.subarray(id.length)
            if (head.length < ID_BYTES) return
            const to = readId(Uint8Array.from(head))
            const nul = rest.indexOf(NUL)
            const end = nul === -1 ? rest.length : nul + 1
            const body = bodies.get(to) ?? []
            bodies.set(to, [...body, new Uint8Array(rest.subarray(0, end))])
            rest = rest.subarray(end)
            if (nul === -1) return
            for (const piece of bodies.get(to) ?? []) out.send(to, piece)
            bodies.delete(to)
            heads.delete(client)
          }
        },
      })
    },
  }),
}
