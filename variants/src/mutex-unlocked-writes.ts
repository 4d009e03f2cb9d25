/**
 * Mutex, unlocked writes: the lock is held while a step decides, and released before a byte of it is written.
 *
 * Idea       Decide under the lock. What was decided lies in each client's queue; a writer of its own empties it, and ends when it is
 *            empty. A step waits only for room, and holds no lock then.
 * Order      Per destination: queues keep the order of decisions. Total order went with the write under the lock.
 * Price      Memory grows with the number of stalled clients (G8). The lock itself guards nothing that waits, so it could go.
 * Lesson     Two ends that both write must not wait for each other (G12), and whoever waits with a write while nobody else may step
 *            does. What a lock is held across is the whole of its price.
 */
import { Mutex } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const mutexUnlockedWrites: Pattern = {
  name: 'mutex-unlocked-writes',
  guarantees: {
    G1: true,
    G2: true,
    G3: true,
    G4: true,
    G5: true,
    G6: true,
    G7: true,
    G8: false,
    G9: true,
    G10: true,
    G12: true,
  },
  order: 'per-destination',
  serve,
}

/** Steps that belong to no client: a time has come, a queue has drained. */
const due: Party = { kind: 'task', name: 'what is due' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const writers = new Tasks()
  /** For each client whose queue is not empty: settles when it is. */
  const writing = new Map<Connection, Promise<void>>()
  const lock = new Mutex()
  let holder: Party | undefined
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => loops.own(run(connection)),
    due: () => loops.own(dueSteps()),
  })

  async function run(connection: Connection): Promise<void> {
    await waitForRoom(connection, await step(connection.party, () => connections.connected(connection)))
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      const full = await step(connection.party, () => connections.received(connection, chunk))
      await waitForRoom(connection, full)
    }
    if (!connections.stopped) await leave(connection)
  }

  async function dueSteps(): Promise<void> {
    await step(due, () => connections.due())
  }

  /** FIN goes behind what is queued for it. */
  async function leave(connection: Connection): Promise<void> {
    await step(connection.party, () => connections.disconnected(connection))
    await writing.get(connection)
    connection.end()
  }

  /** The critical section: deciding, and no more. Returns the full destinations. */
  async function step(who: Party, decide: () => readonly Connection[] | void): Promise<readonly Connection[]> {
    using _ = lock.isLocked()
      ? connections.waits.begin(who, { kind: 'lock', name: 'state', holder: () => holder })
      : undefined
    const release = await lock.acquire()
    holder = who
    try {
      return decide() ?? []
    } finally {
      release()
      for (const destination of connections.takeDirty()) write(destination)
    }
  }

  /** Never waits: what is not accepted at once is the writer's. */
  function write(destination: Connection): void {
    if (writing.has(destination) || destination.flush()) return
    const written = rest(destination)
    writing.set(destination, written)
    writers.own(written)
  }

  /** At most one for each connection, and only while it is slow. */
  async function rest(destination: Connection): Promise<void> {
    await destination.flushed({ kind: 'task', name: 'the writer', of: destination.id })
    writing.delete(destination)
  }

  /** Back-pressure for the sender alone, which holds nothing meanwhile: until a full destination has read all of it. */
  async function waitForRoom(sender: Connection, full: readonly Connection[]): Promise<void> {
    for (const destination of full) {
      if (!destination.full) continue
      sender.release()
      using _ = connections.waits.begin(sender.party, { kind: 'reading', client: destination.id })
      await writing.get(destination)
    }
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    for (const connection of connections.all()) await leave(connection)
    await writers.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
