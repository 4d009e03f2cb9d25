/**
 * Idea      Say hello to whoever connects.
 * Flaw      The greeting comes first, and its first four bytes are read as the id.
 * Seen by   R1.2-four-bytes: a client that says nothing gets four bytes of id, and nothing behind them.
 */
import { announced } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const greetingBeforeTheId: Mutant = {
  seenBy: 'R1.2',
  case: 'R1.2-four-bytes',
  reason: 'silent: the message',
  pattern: soundBut('greeting-before-the-id', {
    protocol: (given) =>
      announced(given, (client, id, out) => {
        out.send(client, new TextEncoder().encode('hello\0'))
        out.send(client, id)
      }),
  }),
}
