/**
 * Idea      When the memory is full somebody has to go: whoever has sent the last bytes.
 * Flaw      It has done nothing wrong, and its messages are owed. It would have been enough not to read from it.
 * Seen by   R5.6-pauses-and-goes-on: at heldBytesMax reading pauses, and goes on when clients read; nothing is lost.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Ending extends SoundServer {
  protected override async step(connection: Connection, decide: () => void): Promise<void> {
    await super.step(connection, decide)
    if (this.connections.held.full) connection.abort('held-bytes')
  }

  /** Waiting would bound what is held before the memory is full. */
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

export const fullMemoryEndsTheSender: Mutant = {
  seenBy: 'R5.6',
  case: 'R5.6-pauses-and-goes-on',
  reason: 'awaits a message',
  pattern: soundBut('full-memory-ends-the-sender', { Server: Ending }),
}
