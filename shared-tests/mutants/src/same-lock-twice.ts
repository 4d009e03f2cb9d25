/**
 * Idea      Whoever writes takes the lock; to be safe, also the part that goes on with a write that had to wait.
 * Flaw      That part runs inside of the step, which has the lock already, and this lock is not reentrant.
 * Seen by   G1: the holder of the lock waits for the lock.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Protocol, Resource, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const sameLockTwice: Mutant = {
  seenBy: 'G1',
  reason: 'deadlock: client',
  pattern: {
    name: 'same-lock-twice',
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
    await step(connection, () => connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      await step(connection, () => connections.received(connection, chunk))
    }
    await step(connection, () => connections.disconnected(connection))
    connection.end()
  }

  async function step(connection: Connection, decide: () => void): Promise<void> {
    await locked(connection.party, async () => {
      decide()
      for (const destination of connections.takeDirty()) {
        if (!destination.flush()) await goOn(destination, connection.party)
      }
    })
  }

  async function goOn(destination: Connection, who: Party): Promise<void> {
    await locked(who, () => destination.flushed(who))
  }

  async function locked(who: Party, work: () => Promise<void>): Promise<void> {
    const release = await acquire(who)
    holder = who
    try {
      await work()
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
