/**
 * Dropping mailboxes: a bounded mailbox for each client; what finds it full is thrown away.
 *
 * Idea       Nobody ever waits for anybody, and nothing grows without bound. So something has to give: messages.
 * Order      Per destination, of those that are not dropped: each client sees them in the order of decisions.
 * Price      Whoever sends too much is never told to wait (G4), so that no message can be relied on to arrive (G1). Mailboxes
 *            take memory, for each client that stops reading (G8).
 * Fails      R3.4: a message to a client whose mailbox is full is dropped, whole, and counted.
 * Lesson     Memory, isolation, delivery: with a stalled reader a server gives two and makes somebody wait, or drops.
 */
import { Connections, forwardingOutbox, limitsOf, serverOf, withOutbox } from '@switchyard/core'
import type { ClientId, Connection, Listener, Outbox, Pattern, Protocol } from '@switchyard/core'
import type { ServeOptions, Server } from '@switchyard/core'

/** R3.4 is the price. All the others have a case in which messages for a slow reader are counted when it has read them. */
const FAILS = ['R3.3', 'R3.4', 'R4.1', 'R4.2', 'R4.3', 'R5.3', 'R5.4', 'R5.6']

export const droppingMailboxes: Pattern = {
  name: 'dropping-mailboxes',
  guarantees: { G1: false, G2: true, G3: true, G4: false, G5: true, G6: true, G7: true, G8: false },
  fails: FAILS,
  serve,
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const { queuedBytesMax, heldBytesMax } = limitsOf(options)
  // A few that are full must not fill the whole server, or reading pauses for everybody (R5.6).
  const mailboxBytes = Math.min(queuedBytesMax, heldBytesMax / 8)
  const members = new Map<ClientId, Connection>()
  /** A mailbox is what is queued for a client. Asked at each message: so no message is dropped in part (R3.3). */
  const dropping: Partial<Outbox> = {
    apart: true,
    send(to, bytes, start = 0, end = bytes.length) {
      if (!hasRoom(to, end - start)) connections.drop(end - start)
      else connections.send(to, bytes, start, end)
    },
    give(to, bytes) {
      if (!hasRoom(to, bytes.length)) connections.drop(bytes.length)
      else connections.give(to, bytes)
    },
  }
  const connections = new Connections(
    withOutbox(protocol, (out) => forwardingOutbox(out, dropping)),
    listener,
    options,
    {
      accepted,
      readable: read,
      writable: write,
    },
  )

  /** An empty mailbox takes any message. For whoever is not connected there is nothing to be full (R3.7). */
  function hasRoom(client: ClientId, bytes: number): boolean {
    const member = members.get(client)
    if (!member?.connected || member.outgoing.length === 0) return true
    return member.outgoing.held + bytes <= mailboxBytes
  }

  function accepted(connection: Connection): void {
    members.set(connection.id, connection)
    connections.connected(connection)
    deliver()
    connection.arm()
  }

  /** One chunk, one step; then the next one is asked for, whatever became of this one. */
  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        connections.received(connection, taken.chunk)
        deliver()
        return connection.arm()
      case 'empty':
        return connection.arm()
      case 'closed':
        members.delete(connection.id)
        connections.disconnected(connection)
        deliver()
        return write(connection)
    }
  }

  function deliver(): void {
    for (const destination of connections.takeDirty()) write(destination)
  }

  /** Never waits: what is not accepted at once goes on when the connection is writable. */
  function write(connection: Connection): void {
    const flushed = connection.flush()
    if (flushed && connection.state === 'closing') connection.end()
  }

  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
