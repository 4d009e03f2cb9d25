/**
 * Mutex, early release: a lock for deciding and a lock for delivering, and a step has the second one while others decide.
 *
 * Idea       Decide under the first lock. Get in line for the second one, then release the first. Under the second lock, wait
 *            for the disk and deliver: all that was decided meanwhile shares the next sync.
 * Order      Total, as with one lock: steps get in line for delivering in the order in which they decided.
 * Price      That of the mutex: the second lock is held while a write waits (G2, G4, G7, G9, G10, G12).
 * Lesson     A lock is held for as long as its slowest wait. Two waits, two locks; but to get in line for the second lock after
 *            the first is released would let steps overtake each other. Databases call this early lock release.
 */
import { Semaphore } from 'async-mutex'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const mutexEarlyRelease: Pattern = {
  name: 'mutex-early-release',
  guarantees: {
    G1: true,
    G2: false,
    G3: true,
    G4: false,
    G5: true,
    G6: true,
    G7: false,
    G8: true,
    G9: false,
    G10: false,
    G11: true,
    G12: false,
  },
  order: 'total',
  serve,
}

/** What a step decided for one client ends here, in bytes that the client was ever sent. */
interface Decided {
  readonly connection: Connection
  readonly end: number
}

/** Steps that belong to no client: a time has come, a queue has drained. */
const due: Party = { kind: 'task', name: 'what is due' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
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
  const state = lockNamed('state')
  const sockets = lockNamed('sockets')
  /** Steps that have decided, and those of them that are committed. */
  let decidedSteps = 0
  let committedSteps = 0

  async function run(connection: Connection): Promise<void> {
    await step(connection.party, () => connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      await step(connection.party, () => {
        const full = connections.received(connection, chunk)
        connection.release() // While it waits for its turn, what it decided is queued already.
        return full
      })
    }
    if (!connections.stopped) await leave(connection)
  }

  async function leave(connection: Connection): Promise<void> {
    await step(connection.party, () => connections.disconnected(connection))
    connection.end()
  }

  /** The first critical section. It lasts until delivery only if a destination is full, so that what waits for one is bounded (R5.4). */
  async function step(who: Party, decide: () => readonly Connection[] | void): Promise<void> {
    const release = await state(who)
    let delivered: Promise<void>
    try {
      const full = decide() ?? []
      const decided = connections.endStep().map((connection) => ({ connection, end: connection.outgoing.end }))
      delivered = deliver(decided, ++decidedSteps, who) // In line for the second lock before anybody else decides.
      if (full.some((destination) => destination.full)) await delivered
    } finally {
      release()
    }
    await delivered
  }

  /** The second critical section: the bytes of this step alone, behind its commit, which those in line behind it share. */
  async function deliver(decided: readonly Decided[], number: number, who: Party): Promise<void> {
    const release = await sockets(who)
    try {
      if (number > committedSteps) await commit(who)
      await Promise.all(decided.map((one) => write(one, who)))
    } finally {
      release()
    }
  }

  /** All that has been decided by now. Whoever asked for one that it does not need would make two steps share a sync, and no more. */
  async function commit(who: Party): Promise<void> {
    const upTo = decidedSteps
    const committed = connections.commit(who)
    if (committed) await committed
    connections.takeDirty() // All that is committed; of it, each step delivers its own.
    committedSteps = upTo
  }

  /** What later steps have decided for it stays. */
  function write({ connection, end }: Decided, who: Party): Promise<void> {
    connection.outgoing.release(end)
    return connection.flushed(who)
  }

  /** How to take a lock, and wait where all can see it; what it returns releases the lock. */
  function lockNamed(name: string): (who: Party) => Promise<() => void> {
    const lock = new Semaphore(1)
    let holder: Party | undefined
    return async (who) => {
      using _ = lock.isLocked() ? connections.waits.begin(who, { kind: 'lock', name, holder: () => holder }) : undefined
      const [, release] = await lock.acquire()
      holder = who
      return release
    }
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    for (const connection of connections.all()) await leave(connection)
    await connections.closed()
  }

  return serverOf(connections, stop)
}
