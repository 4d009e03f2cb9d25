/**
 * Idea      Never wait for a client: what it does not take now is queued.
 * Flaw      Nobody is held back either, so the queue of a client that does not read has no end.
 * Seen by   R5.4-short-messages-bounded: while four senders offer 64 MB of short messages to one stalled client, the
 *           bytes held stay within bounds.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Unbounded extends SoundServer {
  protected override async deliver(destination: Connection): Promise<void> {
    destination.flush()
  }

  protected override writable(connection: Connection): void {
    if (connection.flush() && connection.state === 'closing') connection.end()
  }

  protected override close(connection: Connection): void {
    this.writable(connection)
  }
}

export const unboundedQueue: Mutant = {
  seenBy: 'R5.4',
  case: 'R5.4-short-messages-bounded',
  reason: 'bytes were held for one client, more than',
  pattern: soundBut('unbounded-queue', { Server: Unbounded }),
}
