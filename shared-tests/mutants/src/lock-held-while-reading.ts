/**
 * Idea      Read, decide and deliver all belong together: so take the lock first.
 * Flaw      The lock is held while its holder waits for input. A client that sends nothing locks everybody out.
 * Seen by   G1: a message is owed and nothing is left to happen.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Protocol, Resource, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const lockHeldWhileReading: Mutant = {
  seenBy: 'G1',
  reason: 'to send',
  pattern: {
    name: 'lock-held-while-reading',
    guarantees: { G1: false, G2: false, G3: true, G4: false, G5: true, G6: true, G7: false, G8: true },
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
    for (let going = true; going;) {
      const release = await acquire(connection.party)
      try {
        going = await step(connection)
      } finally {
        holder = undefined
        release()
      }
    }
    connection.end()
  }

  async function acquire(who: Party): Promise<() => void> {
    const waiting = lock.isLocked() ? connections.waits.begin(who, sockets) : undefined
    const release = await lock.acquire()
    waiting?.[Symbol.dispose]()
    holder = who
    return release
  }

  async function step(connection: Connection): Promise<boolean> {
    if (connection.state === 'accepted') {
      connections.connected(connection)
    } else {
      const waiting = connections.waits.begin(connection.party, { kind: 'input', client: connection.id })
      const chunk = await connection.read()
      waiting[Symbol.dispose]()
      if (chunk) connections.received(connection, chunk)
      else connections.disconnected(connection)
    }
    for (const destination of connections.takeDirty()) await destination.flushed(connection.party)
    return connection.state === 'connected'
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
