/**
 * Idea      There is one thread, so one parser will do.
 * Flaw      One thread reads from many clients in turn: the beginning of one message gets the end of another.
 * Seen by   R1.5-unfinished-of-each: each client has its own unfinished message, however those of several alternate.
 */
import { forwardingProtocol } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const EVERYBODY = 1

export const oneParserForAll: Mutant = {
  seenBy: 'R1.5',
  case: 'R1.5-unfinished-of-each',
  reason: 'b awaits a message',
  pattern: soundBut('one-parser-for-all', {
    protocol: (given) =>
      forwardingProtocol(given, {
        received: (_, chunk, out) => given.received(EVERYBODY, chunk, out),
        heldBytes: () => given.heldBytes(EVERYBODY),
      }),
  }),
}
