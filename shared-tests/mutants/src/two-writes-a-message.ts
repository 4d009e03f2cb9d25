/**
 * Idea      A message is a body and a NUL: write the one, then the other. No lock is needed, each `write` is atomic.
 * Flaw      Between the two there is an `await`, and somebody else may write to the same client.
 * Seen by   R3.3: the bytes of two messages interleave.
 */
import { Connections, forwardingOutbox, serverOf, Tasks, withOutbox } from '@switchyard/core'
import type { ClientId, Connection, Listener, Outbox, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const twoWritesAMessage: Mutant = {
  seenBy: 'R3.3',
  reason: ', then message',
  pattern: {
    name: 'two-writes-a-message',
    guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false },
    serve,
  },
}

interface Delivery {
  readonly to: ClientId
  readonly bytes: Uint8Array
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  let deliveries: Delivery[] = []
  const apart: Partial<Outbox> = {
    apart: true,
    send: (to, bytes, start, end) => void deliveries.push({ to, bytes: new Uint8Array(bytes.subarray(start, end)) }),
    give: (to, bytes) => void deliveries.push({ to, bytes }),
  }
  const connections = new Connections(
    withOutbox(protocol, (out) => forwardingOutbox(out, apart)),
    listener,
    options,
    {
      accepted: (connection) => loops.own(run(connection)),
    },
  )

  async function run(connection: Connection): Promise<void> {
    connections.connected(connection)
    await deliver(connection)
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      connections.received(connection, chunk)
      await deliver(connection)
    }
    connections.disconnected(connection)
    await connection.flushed(connection.party)
    connection.end()
  }

  async function deliver(cause: Connection): Promise<void> {
    const own = deliveries
    deliveries = []
    for (const { to, bytes } of own) {
      const last = bytes.length - 1
      await write(to, bytes.subarray(0, last), cause)
      await write(to, bytes.subarray(last), cause)
    }
  }

  async function write(to: ClientId, bytes: Uint8Array, cause: Connection): Promise<void> {
    connections.send(to, bytes)
    for (const destination of connections.takeDirty()) await destination.flushed(cause.party)
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
