/**
 * Idea      A write that fails is the fault of whoever asked for it.
 * Flaw      It is the fault of the client that has gone. Its correspondent is ended with it.
 * Seen by   R4.2-destination-resets: a destination that resets, with much queued for it, takes nothing from its
 *           sender.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Blaming extends SoundServer {
  protected override async deliver(destination: Connection, cause: Connection): Promise<void> {
    await destination.flushed(cause.party)
    if (destination.state === 'closed') cause.abort('reset')
  }
}

export const senderBlamedForAReset: Mutant = {
  seenBy: 'R4.2',
  case: 'R4.2-destination-resets',
  reason: 'messages that its sender could send: expected 279',
  pattern: soundBut('sender-blamed-for-a-reset', { Server: Blaming }),
}
