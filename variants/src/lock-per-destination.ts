/**
 * Lock per destination: the mutex server, with a lock for each socket instead of one for all of them.
 *
 * Idea       Deciding never waits, so it needs no lock. Writing does: so each socket has its own, held for one write.
 * Order      Per destination: each client sees deliveries in the order of decisions; total order went with the one lock.
 * Price      None of the eight. But nothing absorbs a burst for its sender: it stops, and all that it sends with it, as soon
 *            as one destination has no room left in its kernel.
 * Lesson     Whoever waits for a lock here holds none, so no two can wait for each other, whatever the order of locks. To
 *            hold all locks of a step at once would need an order, and would pass one stall on from lock to lock.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const lockPerDestination: Pattern = {
  name: 'lock-per-destination',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: true },
  order: 'per-destination',
  serve,
}

interface SocketLock {
  readonly lock: Mutex
  holder: Party | undefined
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const locks = new Map<Connection, SocketLock>()
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
      if (chunk === undefined) break
      await step(connection, () => connections.received(connection, chunk))
    }
    if (!connections.stopped) await leave(connection)
  }

  /** Others may have decided something for it and still wait for its lock: FIN goes behind that. */
  async function leave(connection: Connection): Promise<void> {
    await step(connection, () => connections.disconnected(connection))
    await deliver(connection, connection.party)
    connection.end()
    locks.delete(connection)
  }

  /** Decides at once, then delivers to one destination after the other. The queues keep the order of decisions. */
  async function step(connection: Connection, decide: () => void): Promise<void> {
    decide()
    connection.release() // Any number of senders may wait at a time (R5.4): what they wait with is queued already.
    for (const destination of connections.takeDirty()) await deliver(destination, connection.party)
  }

  /** The critical section: one socket, until everything that is queued for it is accepted. */
  async function deliver(destination: Connection, who: Party): Promise<void> {
    const own = locks.get(destination)
    if (!own) return
    const release = await acquire(destination, own, who)
    own.holder = who
    try {
      await destination.flushed(who)
    } finally {
      release()
    }
  }

  async function acquire(of: Connection, { lock }: SocketLock, who: Party): Promise<() => void> {
    const name = `socket of client ${of.id}`
    const holder = (): Party | undefined => locks.get(of)?.holder
    using _ = lock.isLocked() ? connections.waits.begin(who, { kind: 'lock', name, holder }) : undefined
    return await lock.acquire()
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    for (const connection of connections.all()) await leave(connection)
    await connections.closed()
  }

  return serverOf(connections, stop)
}
