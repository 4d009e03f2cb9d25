/**
 * Idea      One lock for everybody is too much: each client gets its own, and a step takes those that it needs.
 * Flaw      A step takes its sender's lock, then its destination's. Two clients that write to each other take the same
 *           two locks in two orders.
 * Seen by   G1: each holds what the other waits for.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const twoLocksInTwoOrders: Mutant = {
  seenBy: 'G1',
  reason: 'deadlock: client',
  pattern: {
    name: 'two-locks-in-two-orders',
    guarantees: { G1: false, G2: true, G3: true, G4: true, G5: true, G6: true, G7: false, G8: false },
    serve,
  },
}

interface Locked {
  readonly lock: Mutex
  holder: Party | undefined
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const locks = new Map<Connection, Locked>()
  const connections = new Connections(protocol, listener, options, {
    accepted(connection) {
      locks.set(connection, { lock: new Mutex(), holder: undefined })
      loops.own(run(connection))
    },
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
    locks.delete(connection)
  }

  async function step(connection: Connection, decide: () => void): Promise<void> {
    await locked(connection, connection.party, async () => {
      decide()
      for (const destination of connections.takeDirty()) {
        if (destination === connection) await destination.flushed(connection.party)
        else await locked(destination, connection.party, () => destination.flushed(connection.party))
      }
    })
  }

  async function locked(of: Connection, who: Party, work: () => Promise<void>): Promise<void> {
    const own = locks.get(of)
    if (!own) return
    const release = await acquire(of, own, who)
    own.holder = who
    try {
      await work()
    } finally {
      own.holder = undefined
      release()
    }
  }

  async function acquire(of: Connection, own: Locked, who: Party): Promise<() => void> {
    const name = `socket of client ${of.id}`
    const waiting = own.lock.isLocked()
      ? connections.waits.begin(who, { kind: 'lock', name, holder: () => own.holder })
      : undefined
    const release = await own.lock.acquire()
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
