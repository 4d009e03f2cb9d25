/**
 * Task per message: a read loop for each connection, and for every message a task of its own that delivers it.
 *
 * Idea       Whoever reads never waits: what takes time is given to a task, and tasks are cheap.
 * Order      Per destination: each task waits for the one that was spawned before it for the same client.
 * Price      Nobody counts the tasks. A client that stops reading collects them until `heldBytesMax` stops everybody (G3,
 *            G8), and those that send to it are never told to wait (G4).
 * Fails      R5.4: what is held for one client has no bound of its own.
 * Lesson     Spawning is queueing, in a queue that has no capacity and that one does not see.
 */
import { Connections, forwardingOutbox, forwardingProtocol, serverOf, Tasks } from '@switchyard/core'
import type { ByteQueue, ClientId, Connection, Listener, Outbox, Party } from '@switchyard/core'
import type { Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const taskPerMessage: Pattern = {
  name: 'task-per-message',
  guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false },
  order: 'per-destination',
  fails: ['R5.4'],
  serve,
}

/** What a task that waits takes beside its message: its frame, three promises, a queue. */
const TASK_BYTES = 1024

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const loops = new Tasks()
  const tasks = new Tasks()
  /** For each client the task that was spawned last. */
  const last = new Map<Connection, Promise<void>>()
  const spawningProtocol = forwardingProtocol(protocol, {
    connected: (client, out, role) => protocol.connected(client, spawningFor(client, out), role),
    received: (client, chunk, out) => protocol.received(client, chunk, spawningFor(client, out)),
    disconnected: (client, out) => protocol.disconnected(client, spawningFor(client, out)),
  })
  const connections = new Connections(spawningProtocol, listener, options, {
    accepted: (connection) => loops.own(run(connection)),
  })

  /** Reads, decides, reads on. */
  async function run(connection: Connection): Promise<void> {
    connections.connected(connection)
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      connections.received(connection, chunk)
    }
    if (!connections.stopped) await leave(connection)
  }

  async function leave(connection: Connection): Promise<void> {
    connections.disconnected(connection)
    await last.get(connection)
    last.delete(connection)
    connection.end()
  }

  /** Where a step of `sender` leaves its messages: each one becomes a task as soon as it is decided. */
  function spawningFor(sender: ClientId, out: Outbox): Outbox {
    const who: Party = { kind: 'task', name: 'a task', of: sender }
    return forwardingOutbox(out, {
      apart: true,
      send(to, bytes, start, end) {
        connections.send(to, bytes, start, end)
        spawn(who)
      },
      give(to, bytes) {
        connections.give(to, bytes)
        spawn(who)
      },
    })
  }

  function spawn(who: Party): void {
    for (const destination of connections.takeDirty()) {
      const message = connections.queue((delta) => connections.held.add('queues', delta))
      for (let part = destination.outgoing.shift(); part; part = destination.outgoing.shift()) message.append(part)
      const task = deliver(destination, message, who, last.get(destination))
      last.set(destination, task)
      tasks.own(task)
    }
  }

  /** `before`: without it two tasks for one client would race, and its messages come in any order (R3.2). */
  async function deliver(to: Connection, message: ByteQueue, who: Party, before?: Promise<void>): Promise<void> {
    connections.held.add('queues', TASK_BYTES)
    await before
    await to.flushed(who, message)
    connections.held.add('queues', -TASK_BYTES)
  }

  async function stop(): Promise<void> {
    connections.stop()
    await loops.settled()
    await Promise.all(Array.from(connections.all(), leave))
    await tasks.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
