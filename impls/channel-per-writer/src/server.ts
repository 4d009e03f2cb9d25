/**
 * Channel per writer: a dispatcher decides; a writer for each client delivers from a bounded mailbox of its own.
 *
 * Idea       The dispatcher never touches a socket, so it never waits for one: it puts what it decided into mailboxes.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      A mailbox that stays full stops the dispatcher, and with it everybody (G2, G4); mailboxes take memory (G8).
 * Read       from `serve` down.
 */
import { Channel, Connections, limitsOf, mergeSegments, READ_BYTES, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, Segment, ServeOptions, Server } from '@switchyard/core'

export const channelPerWriter: Pattern = {
  name: 'channel-per-writer',
  guarantees: { G1: true, G2: false, G3: true, G4: false, G5: true, G6: true, G7: true, G8: false, G9: true },
  order: 'per-destination',
  serve,
}

type Event =
  | { readonly kind: 'connected'; readonly connection: Connection }
  | { readonly kind: 'received'; readonly connection: Connection; readonly chunk: Uint8Array }
  | { readonly kind: 'disconnected'; readonly connection: Connection }
  | { readonly kind: 'due' }
  | { readonly kind: 'stop' }

type Mailbox = Channel<Segment>

/** An event's own memory, beside its chunk. */
const EVENT_BYTES = 64

const dispatcher: Party = { kind: 'task', name: 'the dispatcher' }
/** Steps that belong to no client: a time has come, a queue has drained. */
const due: Party = { kind: 'task', name: 'what is due' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const readers = new Tasks()
  const writers = new Tasks()
  const mailboxes = new Map<Connection, Mailbox>()
  // The bound on what is held for one destination (R5.4):  |    1/8 |     1/8 |     3/4 |
  //                                                        | events | decided | mailbox |
  // What is queued as events may all be decided for one destination, in front of a mailbox that is full.
  const { queuedBytesMax } = limitsOf(options)
  const eventBytes = queuedBytesMax / 8
  const mailboxBytes = (queuedBytesMax * 3) / 4
  const connections = new Connections(
    protocol,
    listener,
    options,
    { accepted: (connection) => readers.own(read(connection)), due: () => readers.own(wake()) },
    { readBytesMax: Math.min(READ_BYTES, eventBytes - EVENT_BYTES), commits: true },
  )
  const events = new Channel<Event>({
    capacity: eventBytes,
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

  /** The only one that touches the protocol; it touches no socket. */
  async function dispatch(): Promise<void> {
    for (;;) {
      const received = await events.receiveAll()
      if (received.state === 'closed') return
      for (const event of received.values) decide(event)
      const committed = connections.commit(dispatcher)
      if (committed) await committed
      for (const destination of connections.takeDirty()) {
        for (let segment = destination.outgoing.shift(); segment; segment = destination.outgoing.shift()) {
          if (!post(destination, segment)) await waitForRoom(destination, segment)
        }
      }
      for (const event of received.values) finish(event)
    }
  }

  function decide(event: Event): void {
    switch (event.kind) {
      case 'connected':
        openMailbox(event.connection)
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

  function openMailbox(connection: Connection): void {
    const writer: Party = { kind: 'task', name: 'the writer', of: connection.id }
    const mailbox: Mailbox = new Channel({
      capacity: mailboxBytes,
      weigh: (segment) => segment.capacity,
      merge: mergeSegments,
      account: (delta) => {
        connections.held.add('mailboxes', delta)
        connection.handOver(delta)
      },
      visible: { waits: connections.waits, name: `mailbox of client ${connection.id}`, receiver: writer },
    })
    mailboxes.set(connection, mailbox)
    writers.own(write(connection, mailbox, writer))
  }

  /** Puts what was decided for one client into its mailbox; false when there is no room. */
  function post(destination: Connection, segment: Segment): boolean {
    return mailboxes.get(destination)?.trySend(segment).state !== 'full'
  }

  /** While a mailbox is full, the dispatcher waits, and everybody behind it. That is the price. */
  async function waitForRoom(destination: Connection, segment: Segment): Promise<void> {
    const bytes = segment.capacity
    connections.held.add('mailboxes', bytes)
    await mailboxes.get(destination)?.send(segment, dispatcher)
    connections.held.add('mailboxes', -bytes)
  }

  /** What has to come after posting: a closed mailbox is emptied, then its writer ends the connection. */
  function finish(event: Event): void {
    if (event.kind === 'disconnected') closeMailbox(event.connection)
    if (event.kind === 'stop') for (const connection of mailboxes.keys()) closeMailbox(connection)
  }

  function closeMailbox(connection: Connection): void {
    mailboxes.get(connection)?.close()
    mailboxes.delete(connection)
  }

  /** One for each connection: delivers its mailbox, everything that is there in one write, and waits only for its own client. */
  async function write(connection: Connection, mailbox: Mailbox, writer: Party): Promise<void> {
    const writing = connections.queue(() => {}) // The mailbox counts it until it is written.
    for (;;) {
      const received = await mailbox.receiveAll()
      if (received.state === 'closed') break
      for (const segment of received.values) writing.append(segment)
      if (!connection.flush(writing)) await connection.flushed(writer, writing)
    }
    connection.end()
  }

  /** The last event comes behind every chunk that was read, so that all of them are delivered first (R4.3). */
  async function stop(): Promise<void> {
    connections.stop()
    await readers.settled()
    await events.send({ kind: 'stop' })
    events.close()
    await dispatching.settled()
    await writers.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
