/**
 * Idea      Cut through: as soon as the id is known, forward what comes, and hold nothing.
 * Flaw      A sender that stops in the middle of a message leaves its destination in the middle of it, and others write
 *           there.
 * Seen by   R3.5-nothing-before-the-nul: nothing of a message is forwarded before its NUL has come.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { readId } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const ID_BYTES = 4
const NUL = 0

export const forwardedBeforeTheNul: Mutant = {
  seenBy: 'R3.5',
  case: 'R3.5-nothing-before-the-nul',
  reason: '"held backprobe f"',
  pattern: soundBut('forwarded-before-the-nul', {
    protocol(given) {
      const heads = new Map<ClientId, number[]>()
      return forwardingProtocol(given, {
        received(client, chunk, out) {
          for (let rest = chunk; rest.length > 0;) {
            const head = heads.get(client) ?? []
            heads.set(client, head)
            const id = rest.subarray(0, ID_BYTES - head.length)
            head.push(...id)
            rest = rest.subarray(id.length)
            const nul = rest.indexOf(NUL)
            const end = nul === -1 ? rest.length : nul + 1
            if (end > 0) out.send(readId(Uint8Array.from(head)), rest, 0, end)
            if (nul !== -1) heads.delete(client)
            rest = rest.subarray(end)
          }
        },
      })
    },
  }),
}
