/**
 * One message per read: the server that many write first. It works as long as every client waits for its answer.
 *
 * Idea       A client sends a message, so a read brings a message.
 * Order      Total, as with the mutex, for what arrives.
 * Price      As with the mutex (G2, G4, G7); and nobody can rely on a message to arrive (G1).
 * Fails      R1.5: of several messages in one segment the first is taken and the others are lost.
 * Lesson     TCP carries bytes, not messages: what was sent by one call may be read by many, and the other way round.
 */
import { Mutex } from 'async-mutex'
import { Connections, forwardingOutbox, forwardingProtocol, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Outbox, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

/** R1.5 is the flaw. All the others have a case in which somebody sends twice without waiting, and that is one read. */
const FAILS = 'R1.3 R1.4 R1.5 R2.1 R3.1 R3.2 R3.3 R3.4 R3.6 R3.7 R4.1 R4.2 R4.3 R5.3 R5.4 R5.6'.split(' ')

export const oneMessagePerRead: Pattern = {
  name: 'one-message-per-read',
  guarantees: { G1: false, G2: false, G3: true, G4: false, G5: true, G6: true, G7: false, G8: true },
  fails: FAILS,
  serve,
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const lock = new Mutex()
  let holder: Party | undefined
  let taken = false
  /** The flaw: it takes the first message of a step, and a step is a read. */
  const first: Partial<Outbox> = {
    apart: true,
    send(to, bytes, start, end) {
      if (!taken) connections.send(to, bytes, start, end)
      taken = true
    },
    give(to, bytes) {
      if (!taken) connections.give(to, bytes)
      taken = true
    },
  }
  const protocolOfReads = forwardingProtocol(protocol, {
    received(client, chunk, out) {
      taken = false
      protocol.received(client, chunk, forwardingOutbox(out, first))
    },
  })
  const connections = new Connections(protocolOfReads, listener, options, {
    accepted: (connection) => loops.own(run(connection)),
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

  async function leave(connection: Connection): Promise<void> {
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
      release()
    }
  }

  async function acquire(who: Party): Promise<() => void> {
    using _ = lock.isLocked()
      ? connections.waits.begin(who, { kind: 'lock', name: 'sockets', holder: () => holder })
      : undefined
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
