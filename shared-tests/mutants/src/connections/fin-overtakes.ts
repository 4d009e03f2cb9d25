/**
 * Idea      Read as fast as the client sends, and take a step for each chunk when the lock is free.
 * Flaw      The FIN is handled when it is read, before the chunks that came before it and still wait for the lock.
 * Seen by   R4.1-megabytes-before-fin: megabytes before a FIN are all delivered, to a receiver that begins to read
 *           after it.
 */
import type { Connection } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut, SoundServer } from '../sound.ts'

class Overtaking extends SoundServer {
  protected override async run(connection: Connection): Promise<void> {
    await this.step(connection, () => this.connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      const own = new Uint8Array(chunk)
      this.loops.own(this.step(connection, () => void this.connections.received(connection, own)))
    }
    this.connections.disconnected(connection)
    await this.leave(connection)
  }
}

export const finOvertakes: Mutant = {
  seenBy: 'R4.1',
  case: 'R4.1-megabytes-before-fin',
  reason: 'receiver awaits a message',
  pattern: soundBut('fin-overtakes', { Server: Overtaking }),
}
