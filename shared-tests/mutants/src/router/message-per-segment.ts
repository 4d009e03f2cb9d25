/**
 * Idea      One `data` event, one message.
 * Flaw      TCP joins what was sent apart. Of a segment with several messages only the first is seen.
 * Seen by   R1.5-hundreds-in-a-segment: a segment may hold hundreds of messages, for several clients.
 */
import { forwardingProtocol } from '@switchyard/core'
import { through } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const messagePerSegment: Mutant = {
  seenBy: 'R1.5',
  case: 'R1.5-hundreds-in-a-segment',
  reason: 'receiver 1 awaits a message',
  pattern: soundBut('message-per-segment', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received(client, chunk, out) {
          let first = true
          given.received(
            client,
            chunk,
            through(out, (to, bytes) => {
              if (first) out.send(to, bytes)
              first = false
            }),
          )
        },
      }),
  }),
}
