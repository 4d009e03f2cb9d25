/**
 * Idea      Clients are numbered from 1, arrays from 0: correct for that.
 * Flaw      Corrected where it need not be: each client is told the id of the one that connects after it.
 * Seen by   R1.2-four-bytes: a client that says nothing gets four bytes of id, and nothing behind them.
 */
import { announced, encodeId, readId } from '../changed.ts'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

export const idOffByOne: Mutant = {
  seenBy: 'R1.2',
  case: 'R1.2-four-bytes',
  reason: 'silent awaits a message',
  pattern: soundBut('id-off-by-one', {
    protocol: (given) => announced(given, (client, id, out) => out.send(client, encodeId(readId(id) + 1))),
  }),
}
