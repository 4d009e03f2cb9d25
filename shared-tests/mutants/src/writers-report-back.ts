/**
 * Idea      Channels share nothing, so they cannot deadlock. A writer that meets trouble tells the dispatcher: by an event.
 * Flaw      The dispatcher waits for room in a writer's mailbox while that writer waits for room among the events.
 * Seen by   G1: two bounded channels, each full, each waiting for the other's receiver.
 */
import { Channel, Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Protocol, Segment, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const writersReportBack: Mutant = {
  seenBy: 'G1',
  reason: 'waits for room in channel "events"',
  pattern: {
    name: 'writers-report-back',
    guarantees: { G1: false, G2: false, G3: true, G4: false, G5: true, G6: true, G7: true, G8: false },
    serve,
  },
}

type Event =
  | { readonly kind: 'connected' | 'disconnected' | 'slow'; readonly connection: Connection }
  | { readonly kind: 'received'; readonly connection: Connection; readonly chunk: Uint8Array }

const dispatcher: Party = { kind: 'task', name: 'the dispatcher' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const tasks = new Tasks()
  const mailboxes = new Map<Connection, Channel<Segment>>()
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => tasks.own(read(connection)),
  })
  const events = new Channel<Event>({
    capacity: 1,
    visible: { waits: connections.waits, name: 'events', receiver: dispatcher },
  })
  const dispatching = new Tasks()
  dispatching.own(dispatch())

  async function read(connection: Connection): Promise<void> {
    await events.send({ kind: 'connected', connection }, connection.party)
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      await events.send({ kind: 'received', connection, chunk }, connection.party)
    }
    await events.send({ kind: 'disconnected', connection }, connection.party)
  }

  async function dispatch(): Promise<void> {
    for (;;) {
      const received = await events.receive()
      if (received.state === 'closed') return
      decide(received.value)
      for (const destination of connections.takeDirty()) {
        for (let segment = destination.outgoing.shift(); segment; segment = destination.outgoing.shift()) {
          await mailboxes.get(destination)?.send(segment, dispatcher)
        }
      }
      if (received.value.kind === 'disconnected') mailboxes.get(received.value.connection)?.close()
    }
  }

  function decide(event: Event): void {
    const { kind, connection } = event
    switch (kind) {
      case 'connected':
        openMailbox(connection)
        return void connections.connected(connection)
      case 'received':
        return void connections.received(connection, event.chunk)
      case 'disconnected':
        return connections.disconnected(connection)
      case 'slow': // Only counted, in a server that would count it.
    }
  }

  function openMailbox(connection: Connection): void {
    const writer: Party = { kind: 'task', name: 'the writer', of: connection.id }
    const name = `mailbox of client ${connection.id}`
    const mailbox = new Channel<Segment>({ capacity: 1, visible: { waits: connections.waits, name, receiver: writer } })
    mailboxes.set(connection, mailbox)
    tasks.own(write(connection, mailbox, writer))
  }

  async function write(connection: Connection, mailbox: Channel<Segment>, writer: Party): Promise<void> {
    const writing = connections.queue(() => {})
    for (;;) {
      const received = await mailbox.receive()
      if (received.state === 'closed') break
      writing.append(received.value)
      if (connection.flush(writing)) continue
      await events.send({ kind: 'slow', connection }, writer)
      await connection.flushed(writer, writing)
    }
    connection.end()
  }

  async function stop(): Promise<void> {
    connections.stop()
    await tasks.settled()
    events.close()
    await dispatching.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
