/**
 * Channels, batched: the dispatcher takes all events that wait, decides them all, and then commits and delivers them.
 *
 * Idea       What waited in the channel while the dispatcher was at the disk is decided together and shares the next sync.
 * Order      Total, as with channels: each event's bytes are delivered before those of the next, also within a batch.
 * Price      That of channels: the dispatcher waits with the write (G2, G4, G7, G9, G10, G12).
 * Lesson     Batches form by themselves where somebody waits: the busier the server, the larger they are, and no timer is
 *            needed. But deciding waits for the disk here; in `mutex-early-release` it goes on.
 */
import { Channel, Connections, limitsOf, READ_BYTES, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const channelsBatched: Pattern = {
  name: 'channels-batched',
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

type Event =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'received'; readonly connection: Connection; readonly chunk: Uint8Array }
  | { readonly kind: 'disconnected'; readonly connection: Connection }
  | { readonly kind: 'due' }
  | { readonly kind: 'stop' }

/** What an event decided for one client ends here, in bytes that the client was ever sent. */
interface Decided {
  readonly connection: Connection
  readonly end: number
}

/** An event's own memory, beside its chunk. */
const EVENT_BYTES = 64

const dispatcher: Party = { kind: 'task', name: 'the dispatcher' }
/** Steps that belong to no client: a time has come, a queue has drained. */
const due: Party = { kind: 'task', name: 'what is due' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const readers = new Tasks()
  // The bound on what is held for one destination (R5.4):  |      1/2 |      1/2 |
  //                                                        |   events |  sockets |
  // A batch may all become what is queued for one socket.
  const capacity = limitsOf(options).queuedBytesMax / 2
  const connections = new Connections(
    protocol,
    listener,
    options,
    { accepted: (connection) => readers.own(read(connection)), due: () => readers.own(wake()) },
    { readBytesMax: Math.min(READ_BYTES, capacity - EVENT_BYTES), commits: true },
  )
  const events = new Channel<Event>({
    capacity,
    weigh: (event) => EVENT_BYTES + (event.kind === 'received' ? event.chunk.length : 0),
    account: (delta) => connections.held.add('channels', delta),
    visible: { waits: connections.waits, name: 'events', receiver: dispatcher },
  })
  const dispatching = new Tasks()
  dispatching.own(dispatch())

  /** One for each connection: turns what arrives into events, in order, and waits while the channel is full. */
  async function read(connection: Connection): Promise<void> {
    await events.send({ kind: 'connected', connection }, connection.party)
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      await events.send({ kind: 'received', connection, chunk }, connection.party)
    }
    if (!connections.stopped) await events.send({ kind: 'disconnected', connection }, connection.party)
  }

  async function wake(): Promise<void> {
    await events.send({ kind: 'due' }, due)
  }

  /** The only one that touches the protocol and the sockets. */
  async function dispatch(): Promise<void> {
    for (;;) {
      const received = await events.receiveAll()
      if (received.state === 'closed') return
      const batch = received.values.map((event) => ({ event, decided: decide(event) }))
      const committed = connections.commit(dispatcher)
      if (committed) await committed
      connections.takeDirty() // All of the batch; of it, each event delivers its own.
      for (const { event, decided } of batch) {
        await deliver(decided)
        finish(event)
      }
    }
  }

  function decide(event: Event): readonly Decided[] {
    take(event)
    return connections.endStep().map((connection) => ({ connection, end: connection.outgoing.end }))
  }

  function take(event: Event): void {
    switch (event.kind) {
      case 'connected':
        return void connections.connected(event.connection)
      case 'received':
        return void connections.received(event.connection, event.chunk)
      case 'disconnected':
        return connections.disconnected(event.connection)
      case 'due':
        return connections.due()
      case 'stop':
        for (const connection of connections.all()) connections.disconnected(connection)
    }
  }

  /** Writes what one event caused, to all destinations at the same time, until the last byte is accepted. */
  async function deliver(decided: readonly Decided[]): Promise<void> {
    await Promise.all(
      decided.map(({ connection, end }) => {
        connection.outgoing.release(end)
        return connection.flushed(dispatcher)
      }),
    )
  }

  /** What has to come after delivery: FIN goes behind the last byte. */
  function finish(event: Event): void {
    if (event.kind === 'disconnected') event.connection.end()
    if (event.kind === 'stop') for (const connection of connections.all()) connection.end()
  }

  /** The last event comes behind every chunk that was read, so that all of them are delivered first (R4.3). */
  async function stop(): Promise<void> {
    connections.stop()
    await readers.settled()
    await events.send({ kind: 'stop' })
    events.close()
    await dispatching.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
