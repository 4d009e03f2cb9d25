/**
 * Mutex: every connection has its own read loop; one lock guards the protocol and every socket.
 *
 * Idea       Take the lock, let the protocol decide, write what it sent, release the lock.
 * Order      Total: all clients see deliveries in the order in which steps took the lock.
 * Price      The lock is held while a write waits, so one client that stops reading stalls everybody (G2, G4, G7, G9).
 * Read       from `serve` down.
 */
import { Semaphore } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, Resource, ServeOptions, Server } from '@switchyard/core'

export const mutex: Pattern = {
  name: 'mutex',
  guarantees: { G1: true, G2: false, G3: true, G4: false, G5: true, G6: true, G7: false, G8: true, G9: false },
  order: 'total',
  serve,
}

/** Steps that belong to no client: a time has come, a queue has drained. */
const due: Party = { kind: 'task', name: 'what is due' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  // A semaphore of one is a mutex. The library's own wraps one, which makes each lock ten times as dear (docs/performance.md).
  const lock = new Semaphore(1)
  /** Never cleared: it is asked for only while somebody waits for the lock, and then somebody has it. */
  let holder: Party | undefined
  const lockedSockets: Resource = { kind: 'lock', name: 'sockets', holder: () => holder }
  const connections = new Connections(
    protocol,
    listener,
    options,
    {
      accepted: (connection) => loops.own(run(connection)),
      due: () => loops.own(step(due, () => connections.due())),
    },
    { commits: true },
  )

  /** The life of one connection: connected, a step for each chunk, disconnected. */
  async function run(connection: Connection): Promise<void> {
    await step(connection.party, () => connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      await step(connection.party, () => connections.received(connection, chunk))
    }
    // At a shutdown the others may still owe it messages: then `shutdown` takes the last step, when all loops are through.
    if (!connections.stopped) await leave(connection)
  }

  async function leave(connection: Connection): Promise<void> {
    await step(connection.party, () => connections.disconnected(connection))
    connection.end()
  }

  /** The critical section: deciding and delivering belong together, so no other step's bytes come between the two. */
  async function step(who: Party, decide: () => void): Promise<void> {
    const waiting = lock.isLocked() ? connections.waits.begin(who, lockedSockets) : undefined
    // First come, first served: `async-mutex` is fair. It gives the semaphore's value, always 1 here, and how to release it.
    const [, release] = await lock.acquire()
    waiting?.[Symbol.dispose]()
    holder = who
    try {
      decide()
      const committed = connections.commit(who)
      if (committed) await committed
      await deliver(who)
    } finally {
      release()
    }
  }

  /** Writes to every destination of this step, to all of them at the same time, until the last byte is accepted. */
  async function deliver(who: Party): Promise<void> {
    let slow: Promise<void>[] | undefined
    for (const destination of connections.takeDirty()) {
      if (!destination.flush()) (slow ??= []).push(destination.flushed(who))
    }
    // Here the lock waits with the write. That is the price.
    if (slow) await Promise.all(slow)
  }

  /** Every chunk that was read is delivered before the first connection is closed (R4.3). */
  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    for (const connection of connections.all()) await leave(connection)
    await connections.closed()
  }

  return serverOf(connections, stop)
}
