/**
 * Supervised channels: the dispatcher is a service, and its channel a mailbox that outlives it.
 *
 * Idea       A step that throws ends the dispatcher and nothing else. A supervisor starts the next one, which finds the
 *            connections, and the events that wait, where they were.
 * Order      Total, as with channels: in the order in which events entered the mailbox.
 * Price      That of channels: the dispatcher waits with the write (G2, G4, G7, G9, G12).
 * Lesson     What must survive a crash lies outside of what crashes. The event in hand is lost, and that is told: a stream
 *            with a gap is none, so its client is closed, with the reason. Who else waited notices nothing.
 */
import { Connections, forwardingProtocol, limitsOf, READ_BYTES, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'
import { Incarnation, Mailbox, service, start, supervisor } from '@switchyard/services'
import type { Self } from '@switchyard/services'

export const supervisedChannels: Pattern = {
  name: 'supervised-channels',
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

/** An event's own memory, beside its chunk. */
const EVENT_BYTES = 64
/** A protocol that throws more often than this is beyond help: the process crashes, as it does with every other pattern. */
const CRASHES = { intensity: 10, periodMs: 1_000 }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const readers = new Tasks()
  const capacity = limitsOf(options).queuedBytesMax / 2
  /** What the steps of the latest event threw. */
  const failures: unknown[] = []
  const connections = new Connections(
    caught(protocol, (error) => failures.push(error)),
    listener,
    options,
    { accepted: (connection) => readers.own(read(connection)), due: () => readers.own(wake()) },
    { readBytesMax: Math.min(READ_BYTES, capacity - EVENT_BYTES) },
  )
  const events = new Mailbox<Event>({
    name: 'the dispatcher',
    capacity: 1,
    onDeath: 'transfer',
    lost: ({ message }) => lose(message),
    done: over,
    waits: connections.waits,
  })
  const due = new Incarnation('what is due')
  let stopped!: () => void
  const stopIsOver = new Promise<void>((resolve) => {
    stopped = resolve
  })
  const dispatcher = service({
    name: events.name,
    mailbox: events,
    start: (self) => () => dispatch(self),
    stopMs: Infinity,
  })
  const tree = start(
    supervisor({
      name: 'the supervisor',
      strategy: 'one-for-one',
      ...CRASHES,
      clock: connections.clock,
      waits: connections.waits,
      children: [dispatcher],
      report: () => {},
    }),
  )
  const supervising = new Tasks()
  supervising.own(supervise())

  async function supervise(): Promise<void> {
    const { ended } = await tree
    if ((await ended).how === 'gave-up') throw failures[0]
  }

  /** One for each connection: turns what arrives into events, in order, and waits while the mailbox is full. */
  async function read(connection: Connection): Promise<void> {
    const reader = new Incarnation(connection.party)
    await events.send({ kind: 'connected', connection }, reader)
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      await events.send({ kind: 'received', connection, chunk }, reader)
    }
    if (!connections.stopped) await events.send({ kind: 'disconnected', connection }, reader)
  }

  async function wake(): Promise<void> {
    await events.send({ kind: 'due' }, due)
  }

  /** The only one that touches the protocol and the sockets, until a step throws. */
  async function dispatch(self: Self<Event>): Promise<void> {
    for await (const event of self.messages()) {
      const bytes = EVENT_BYTES + (event.kind === 'received' ? event.chunk.length : 0)
      connections.held.add('channels', bytes)
      failures.length = 0
      decide(event)
      await deliver(self)
      connections.held.add('channels', -bytes)
      if (failures.length > 0) throw failures[0]
      finish(event)
    }
  }

  function decide(event: Event): void {
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

  /** Writes what this event caused, to all destinations at the same time, until the last byte is accepted. */
  async function deliver({ incarnation }: Self<Event>): Promise<void> {
    let slow: Promise<void>[] | undefined
    for (const destination of connections.takeDirty()) {
      if (!destination.flush()) (slow ??= []).push(destination.flushed(incarnation.party))
    }
    if (slow) await Promise.all(slow)
  }

  /** What has to come after delivery: FIN goes behind the last byte. */
  function finish(event: Event): void {
    if (event.kind === 'disconnected') event.connection.end()
    if (event.kind === 'stop') for (const connection of connections.all()) connection.end()
  }

  /** The event in the dispatcher's hand when it crashed. Its client is told by the close, and the operator by its record. */
  function lose(event: Event): void {
    if (event.kind === 'connected' || event.kind === 'received') {
      connections.close(event.connection.id, `its step failed: ${String(failures[0])}`)
    }
    finish(event)
    over(event)
  }

  function over(event: Event): void {
    if (event.kind === 'stop') stopped()
  }

  /** The last event comes behind every chunk that was read (R4.3). It may have to wait for the next dispatcher. */
  async function stop(): Promise<void> {
    connections.stop()
    await readers.settled()
    await events.send({ kind: 'stop' }, new Incarnation('the shutdown'))
    await stopIsOver
    await (await tree).stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}

/** `protocol`, whose steps tell of what they throw instead: `Connections` cannot be left in the middle of one. */
function caught(protocol: Protocol, failed: (error: unknown) => void): Protocol {
  const tried = (step: () => void): void => {
    try {
      step()
    } catch (error) {
      failed(error)
    }
  }
  return forwardingProtocol(protocol, {
    connected: (client, out, role) => tried(() => protocol.connected(client, out, role)),
    received: (client, chunk, out) => tried(() => protocol.received(client, chunk, out)),
    disconnected: (client, out) => tried(() => protocol.disconnected(client, out)),
    ...(protocol.drained && { drained: (client, out) => tried(() => protocol.drained?.(client, out)) }),
    ...(protocol.woken && { woken: (out) => tried(() => protocol.woken?.(out)) }),
    ...(protocol.stopping && { stopping: (out) => tried(() => protocol.stopping?.(out)) }),
  })
}
