/**
 * Idea      Reading is over: note that the client leaves, and say goodbye when it is its turn.
 * Flaw      The client is marked as gone at once, but its last chunks still wait for the lock: what was decided before the
 *           `await` is carried out after it, when it is not true any more. They are taken for a stranger's and dropped.
 * Seen by   R4.1: complete messages sent before FIN are not delivered.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Protocol, Resource, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const decidedBeforeTheAwait: Mutant = {
  seenBy: 'R4.1',
  reason: 'were never handled',
  pattern: {
    name: 'decided-before-the-await',
    guarantees: { G1: true, G2: false, G3: false, G4: false, G5: true, G6: true, G7: false, G8: true },
    serve,
  },
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const lock = new Mutex()
  let holder: Party | undefined
  const sockets: Resource = { kind: 'lock', name: 'sockets', holder: () => holder }
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => loops.own(run(connection)),
  })

  async function run(connection: Connection): Promise<void> {
    const steps = new Tasks()
    await step(connection, () => connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      const own = new Uint8Array(chunk)
      steps.own(step(connection, () => connections.received(connection, own)))
    }
    connection.close()
    await steps.settled()
    await step(connection, () => connections.disconnected(connection))
    connection.end()
  }

  async function step(connection: Connection, decide: () => void): Promise<void> {
    const release = await acquire(connection.party)
    holder = connection.party
    try {
      decide()
      for (const destination of connections.takeDirty()) await destination.flushed(connection.party)
    } finally {
      holder = undefined
      release()
    }
  }

  async function acquire(who: Party): Promise<() => void> {
    const waiting = lock.isLocked() ? connections.waits.begin(who, sockets) : undefined
    const release = await lock.acquire()
    waiting?.[Symbol.dispose]()
    return release
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
