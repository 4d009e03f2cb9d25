/**
 * Idea      Gather what a chunk sends on a stack, and send it off when the chunk is done.
 * Flaw      A stack gives back the last first.
 * Seen by   R3.2-order-of-a-pair: thousands of messages of mixed lengths between one pair keep their order.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { ClientId } from '@switchyard/core'
import { through } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const newestFirst: Mutant = {
  seenBy: 'R3.2',
  case: 'R3.2-order-of-a-pair',
  reason: 'messages are missing, or out of order',
  pattern: soundBut('newest-first', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received(client, chunk, out) {
          const stack: { to: ClientId; bytes: Uint8Array }[] = []
          given.received(
            client,
            chunk,
            through(out, (to, bytes) => void stack.push({ to, bytes })),
          )
          for (let top = stack.pop(); top; top = stack.pop()) out.send(top.to, top.bytes)
        },
      }),
  }),
}
