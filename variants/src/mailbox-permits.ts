/**
 * Mailbox permits: channel-per-writer, with a dispatcher that never waits. Who sent too much does.
 *
 * Idea       With each event comes a permit to read on. The dispatcher gives it back together with what had no room: for
 *            that the sender waits itself, in front of the mailbox that is full.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      Mailboxes take memory, for each client that stops reading (G8).
 * Lesson     A full channel makes whoever stands in front of it wait. So let those stand there who filled it, and never
 *            somebody through whom everybody has to pass.
 */
import { Channel, Connections, limitsOf, READ_BYTES, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, Segment, ServeOptions, Server } from '@switchyard/core'

export const mailboxPermits: Pattern = {
  name: 'mailbox-permits',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false },
  order: 'per-destination',
  serve,
}

/** What a sender has to wait for before it is read from again. */
type Permit = Channel<readonly Promise<void>[]>

type Event =
  | { readonly kind: 'connected'; readonly connection: Connection; readonly permit: Permit }
  | { readonly kind: 'received'; readonly connection: Connection; readonly permit: Permit; readonly chunk: Uint8Array }
  | { readonly kind: 'disconnected'; readonly connection: Connection; readonly permit: Permit }

interface Mailbox {
  readonly channel: Channel<Segment>
  /** How many segments stand in front of it. */
  waiting: number
  /** Nothing new is decided for its client: it closes behind the last that waits. */
  leaving: boolean
}

/** An event's own memory, beside its chunk. */
const EVENT_BYTES = 64

const dispatcher: Party = { kind: 'task', name: 'the dispatcher' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const readers = new Tasks()
  const writers = new Tasks()
  const mailboxes = new Map<Connection, Mailbox>()
  // Of the bound on what is held for one destination (R5.4), as in channel-per-writer.
  const { queuedBytesMax } = limitsOf(options)
  const eventBytes = queuedBytesMax / 8
  const mailboxBytes = (queuedBytesMax * 3) / 4
  const connections = new Connections(
    protocol,
    listener,
    options,
    { accepted: (connection) => readers.own(read(connection)) },
    { readBytesMax: Math.min(READ_BYTES, eventBytes - EVENT_BYTES) },
  )
  const events = new Channel<Event>({
    capacity: eventBytes,
    weigh: (event) => EVENT_BYTES + (event.kind === 'received' ? event.chunk.length : 0),
    account: (delta) => connections.held.add('channels', delta),
    visible: { waits: connections.waits, name: 'events', receiver: dispatcher },
  })
  const dispatching = new Tasks()
  dispatching.own(dispatch())

  async function read(connection: Connection): Promise<void> {
    await submit({ kind: 'connected', connection, permit: new Channel({ capacity: 1 }) })
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      await submit({ kind: 'received', connection, chunk, permit: new Channel({ capacity: 1 }) })
    }
    if (!connections.stopped) await leave(connection)
  }

  function leave(connection: Connection): Promise<void> {
    return submit({ kind: 'disconnected', connection, permit: new Channel({ capacity: 1 }) })
  }

  /** Comes back when all that this event caused is in mailboxes. */
  async function submit(event: Event): Promise<void> {
    await events.send(event, event.connection.party)
    const permit = await event.permit.receive()
    event.connection.release() // While it waits, its sender holds what has no room, and no chunk beside it.
    if (permit.state === 'ok') await Promise.all(permit.value)
  }

  /** The only one that touches the protocol. It never waits but for events. */
  async function dispatch(): Promise<void> {
    for (;;) {
      const received = await events.receive()
      if (received.state === 'closed') return
      const { value: event } = received
      decide(event)
      event.permit.trySend(post(event.connection.party))
      if (event.kind === 'disconnected') closeMailbox(event.connection)
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
    }
  }

  function openMailbox(connection: Connection): void {
    const writer: Party = { kind: 'task', name: 'the writer', of: connection.id }
    const channel = new Channel<Segment>({
      capacity: mailboxBytes,
      weigh: (segment) => segment.capacity,
      account: (delta) => connections.held.add('mailboxes', delta),
      visible: { waits: connections.waits, name: `mailbox of client ${connection.id}`, receiver: writer },
    })
    mailboxes.set(connection, { channel, waiting: 0, leaving: false })
    writers.own(write(connection, channel, writer))
  }

  /** Puts what was decided into mailboxes. Answers with what `sender` has to wait for: nothing, as a rule. */
  function post(sender: Party): Promise<void>[] {
    const full: Promise<void>[] = []
    for (const destination of connections.takeDirty()) {
      const mailbox = mailboxes.get(destination)
      if (!mailbox) continue
      for (let segment = destination.outgoing.shift(); segment; segment = destination.outgoing.shift()) {
        if (mailbox.channel.trySend(segment).state === 'full') full.push(room(mailbox, segment, sender))
      }
    }
    return full
  }

  /** Stands in front of a full mailbox from the moment of the decision on, so that the order of decisions is kept. */
  async function room(mailbox: Mailbox, segment: Segment, sender: Party): Promise<void> {
    const bytes = segment.capacity
    connections.held.add('mailboxes', bytes)
    mailbox.waiting++
    await mailbox.channel.send(segment, sender)
    mailbox.waiting--
    connections.held.add('mailboxes', -bytes)
    closeBehindLast(mailbox)
  }

  function closeMailbox(connection: Connection): void {
    const mailbox = mailboxes.get(connection)
    if (!mailbox) return
    mailboxes.delete(connection)
    mailbox.leaving = true
    closeBehindLast(mailbox)
  }

  /** To close it earlier would send back whatever waits in front of it (R4.1). */
  function closeBehindLast({ channel, waiting, leaving }: Mailbox): void {
    if (leaving && waiting === 0) channel.close()
  }

  async function write(connection: Connection, mailbox: Channel<Segment>, writer: Party): Promise<void> {
    const writing = connections.queue(() => {}) // The mailbox counts it until it is written.
    for (;;) {
      const received = await mailbox.receiveAll()
      if (received.state === 'closed') break
      for (const segment of received.values) writing.append(segment)
      if (!connection.flush(writing)) await connection.flushed(writer, writing)
    }
    connection.end()
  }

  /** Every chunk that was read has been decided when its reader is through, so that all of them are delivered first (R4.3). */
  async function stop(): Promise<void> {
    connections.stop()
    await readers.settled()
    await Promise.all(Array.from(connections.all(), leave))
    events.close()
    await dispatching.settled()
    await writers.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
