/**
 * Idea      After a chunk has been handled and its deliveries written, ask for the next one.
 * Flaw      A chunk that ends in the middle of a message delivers nothing, and nobody asks for the next one.
 * Seen by   G1: the rest of the message is never read. A wake-up is lost.
 */
import { Connections, serverOf } from '@switchyard/core'
import type { Connection, Listener, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const reactorForgetsToArm: Mutant = {
  seenBy: 'G1',
  reason: 'nobody waits',
  pattern: {
    name: 'reactor-forgets-to-arm',
    guarantees: { G1: false, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false },
    serve,
  },
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const readable = new Set<Connection>()
  const writable = new Set<Connection>()
  let scheduled = false
  const connections = new Connections(protocol, listener, options, {
    accepted(connection) {
      connections.connected(connection)
      notice(writable, connection)
      connection.arm()
    },
    readable: (connection) => notice(readable, connection),
    writable: (connection) => notice(writable, connection),
  })

  function notice(set: Set<Connection>, connection: Connection): void {
    set.add(connection)
    if (scheduled) return
    scheduled = true
    connections.clock.turn(turn)
  }

  function turn(): void {
    scheduled = false
    for (const connection of takeAll(writable)) write(connection)
    for (const connection of takeAll(readable)) read(connection)
  }

  function read(connection: Connection): void {
    const taken = connection.tryRead()
    if (taken.state === 'empty') return connection.arm()
    if (taken.state === 'ok') connections.received(connection, taken.chunk)
    else connections.disconnected(connection)
    const destinations = connections.takeDirty()
    for (const destination of destinations) write(destination)
    if (taken.state === 'closed') write(connection)
    else if (destinations.length > 0) connection.arm()
  }

  function write(connection: Connection): void {
    if (connection.flush() && connection.state === 'closing') connection.end()
  }

  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}

function takeAll(set: Set<Connection>): readonly Connection[] {
  const taken = [...set]
  set.clear()
  return taken
}
