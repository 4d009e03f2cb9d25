/**
 * Idea      Long messages must not hold up short ones: send the first half of each, then the second halves.
 * Flaw      A stream has no way to tell whose half comes when.
 * Seen by   R3.3-many-to-one: messages of many senders to one destination do not interleave, though they pile up.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { through } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const interleaved: Mutant = {
  seenBy: 'R3.3',
  case: 'R3.3-many-to-one',
  reason: 'they differ at byte 500',
  pattern: soundBut('interleaved', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received(client, chunk, out) {
          const seconds: { to: ClientId; bytes: Uint8Array }[] = []
          const halve = through(out, (to, bytes) => {
            const half = bytes.length >> 1
            out.send(to, bytes.subarray(0, half))
            seconds.push({ to, bytes: bytes.subarray(half) })
          })
          given.received(client, chunk, halve)
          for (const { to, bytes } of seconds) out.send(to, bytes)
        },
      }),
  }),
}
