/**
 * Unbounded reactor: the reactor without back-pressure. It reads whatever comes, and queues whatever does not go.
 *
 * Idea       A loop that never waits, and memory for what has to. Slow readers will catch up.
 * Order      Per destination, as with the reactor.
 * Price      A client that stops reading collects bytes until `heldBytesMax` stops everybody (G3, G8), and those that send to
 *            it are never told to wait (G4).
 * Fails      R5.4: what is held for one client has no bound of its own.
 * Lesson     Compare it with `reactor`: the third of that file that is missing here is what a bound costs.
 */
import { Connections, serverOf } from '@switchyard/core'
import type { Connection, Listener, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const unboundedReactor: Pattern = {
  name: 'unbounded-reactor',
  guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false },
  order: 'per-destination',
  fails: ['R5.4'],
  serve,
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const ready = {
    accepted: new ReadySet(),
    readable: new ReadySet(),
    writable: new ReadySet(),
  }
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => notice(ready.accepted, connection),
    readable: (connection) => notice(ready.readable, connection),
    writable: (connection) => notice(ready.writable, connection),
  })
  let scheduled = false

  function notice(set: ReadySet, connection: Connection): void {
    set.add(connection)
    if (scheduled) return
    scheduled = true
    connections.clock.turn(turn)
  }

  function turn(): void {
    scheduled = false
    for (const connection of ready.accepted.take()) accept(connection)
    for (const connection of ready.writable.take()) write(connection)
    for (const connection of ready.readable.take()) read(connection)
    for (const connection of connections.takeDirty()) write(connection)
  }

  function accept(connection: Connection): void {
    connections.connected(connection)
    connection.arm()
  }

  /** The next chunk is always asked for, however much is queued for whoever this one was sent to. That is the price. */
  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        connections.received(connection, taken.chunk)
        return connection.arm()
      case 'empty':
        return connection.arm()
      case 'closed':
        connections.disconnected(connection)
        return write(connection)
    }
  }

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

/** Connections of which one edge has been seen and not yet handled, each once, in the order of their edges. */
class ReadySet {
  #ready = new Set<Connection>()

  add(connection: Connection): void {
    this.#ready.add(connection)
  }

  /** Takes out all; edges seen from now on belong to the next turn. */
  take(): Iterable<Connection> {
    const taken = this.#ready
    this.#ready = new Set()
    return taken
  }
}
