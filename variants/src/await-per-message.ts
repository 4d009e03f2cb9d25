/**
 * Await per message: the mutex server, but every single message is written and waited for before the next one.
 *
 * Idea       The obvious loop: for each message, `await write(message)`.
 * Order      Total, as with the mutex.
 * Price      As with the mutex (G2, G4, G7), and throughput: a system call and a turn of promises for each message.
 * Lesson     It costs about fifty times the throughput. What one chunk decides should be written in one piece.
 */
import { Mutex } from 'async-mutex'
import { Connections, forwardingOutbox, serverOf, Tasks, withOutbox } from '@switchyard/core'
import type { ClientId, Connection, Listener, Outbox, Party, Pattern } from '@switchyard/core'
import type { Protocol, ServeOptions, Server } from '@switchyard/core'

export const awaitPerMessage: Pattern = {
  name: 'await-per-message',
  guarantees: { G1: true, G2: false, G3: true, G4: false, G5: true, G6: true, G7: false, G8: true },
  order: 'total',
  serve,
}

type Delivery =
  | { readonly kind: 'message'; readonly to: ClientId; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly client: ClientId }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const lock = new Mutex()
  let holder: Party | undefined
  const deliveries: Delivery[] = []
  /** Keeps the messages of a step apart, where the outbox of `Connections` would put them together. */
  const apart: Partial<Outbox> = {
    apart: true,
    // `slice` of a Buffer would copy nothing.
    send: (to, bytes, start, end) =>
      void deliveries.push({ kind: 'message', to, bytes: new Uint8Array(bytes.subarray(start, end)) }),
    give: (to, bytes) => void deliveries.push({ kind: 'message', to, bytes }),
    close: (client) => void deliveries.push({ kind: 'close', client }),
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
      for (const delivery of deliveries.splice(0)) await deliver(delivery, connection)
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

  async function deliver(delivery: Delivery, cause: Connection): Promise<void> {
    if (delivery.kind === 'message') connections.give(delivery.to, delivery.bytes)
    else connections.close(delivery.client)
    for (const destination of connections.takeDirty()) await destination.flushed(cause.party)
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    for (const connection of connections.all()) await leave(connection)
    await connections.closed()
  }

  return serverOf(connections, stop)
}
