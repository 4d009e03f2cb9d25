/**
 * Channel reactor: a loop over ready sets in which channels are ready, too: to give a value, or to have taken one.
 *
 * Idea       A channel between a sender and a writer keeps who waits for room, and in which order. That a loop may not wait for
 *            it is no obstacle: it tries, leaves what has no room in front of it, and hears when that went in.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      As with the reactor: memory grows with the number of stalled clients (G8).
 * Lesson     The reactor's index of who is held back by whom is gone: the channel has it, first come first served. Patterns
 *            mix along the calls that never wait (`trySend`, `tryReceive`) and the promises of those that do.
 */
import { Channel, Connections, limitsOf, READ_BYTES, serverOf, Tasks } from '@switchyard/core'
import type { ByteQueue, Connection, Listener, Party, Pattern } from '@switchyard/core'
import type { Protocol, Segment, ServeOptions, Server } from '@switchyard/core'

export const channelReactor: Pattern = {
  name: 'channel-reactor',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false },
  order: 'per-destination',
  serve,
}

/** What is on its way to one client: in the channel, then in `writing`. */
interface Mailbox {
  readonly channel: Channel<Segment>
  readonly writing: ByteQueue
  readonly writer: Party
  /** While the client does not read. */
  wait: Disposable | undefined
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const ready = {
    accepted: new ReadySet(),
    /** Sockets. */
    readable: new ReadySet(),
    writable: new ReadySet(),
    /** Channels: one that has something, and one that took what a sender had left in front of it. */
    filled: new ReadySet(),
    admitted: new ReadySet(),
  }
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => notice(ready.accepted, connection),
    readable: (connection) => notice(ready.readable, connection),
    writable: (connection) => notice(ready.writable, connection),
  })
  // Of the bound on what is held for one destination (R5.4) a half may wait in its channel, and a quarter is being written.
  const { queuedBytesMax } = limitsOf(options)
  const channelBytes = queuedBytesMax / 2
  const writingBytes = Math.min(READ_BYTES, queuedBytesMax / 4)
  const mailboxes = new Map<Connection, Mailbox>()
  /** How many segments a sender has left in front of full channels. While there is one, it is not read from. */
  const left = new Map<Connection, number>()
  const admissions = new Tasks()
  let scheduled = false

  function notice(set: ReadySet, connection: Connection): void {
    set.add(connection)
    if (scheduled) return
    scheduled = true
    connections.clock.turn(turn)
  }

  /** Writes come before reads: room first, then what needs it. */
  function turn(): void {
    scheduled = false
    for (const connection of ready.accepted.take()) accept(connection)
    for (const connection of ready.writable.take()) write(connection)
    for (const connection of ready.admitted.take()) connection.arm()
    for (const connection of ready.readable.take()) read(connection)
    for (const connection of ready.filled.take()) write(connection)
  }

  function accept(connection: Connection): void {
    openMailbox(connection)
    connections.connected(connection)
    postAndArm(connection)
  }

  function openMailbox(connection: Connection): void {
    const writer: Party = { kind: 'task', name: 'the writer', of: connection.id }
    const channel = new Channel<Segment>({
      capacity: channelBytes,
      weigh: bytesOf,
      account: (delta) => connections.held.add('mailboxes', delta),
      visible: { waits: connections.waits, name: `mailbox of client ${connection.id}`, receiver: writer },
    })
    const writing = connections.queue((delta) => connections.held.add('queues', delta))
    mailboxes.set(connection, { channel, writing, writer, wait: undefined })
  }

  /** One chunk, one step; then interest is declared anew, unless a channel did not take all of what it caused. */
  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        connections.received(connection, taken.chunk)
        return postAndArm(connection)
      case 'empty':
        return connection.arm()
      case 'closed':
        connections.disconnected(connection)
        post(connection)
        return write(connection)
    }
  }

  function postAndArm(sender: Connection): void {
    post(sender)
    if (left.has(sender)) sender.release()
    else sender.arm()
  }

  function post(sender: Connection): void {
    for (const destination of connections.takeDirty()) {
      const channel = mailboxes.get(destination)?.channel
      for (let segment = destination.outgoing.shift(); segment; segment = destination.outgoing.shift()) {
        if (channel?.trySend(segment).state === 'full') admissions.own(admitted(channel, segment, sender))
      }
      notice(ready.filled, destination)
    }
  }

  /** The loop does not wait here: it hears of the end as of any other edge. */
  async function admitted(channel: Channel<Segment>, segment: Segment, sender: Connection): Promise<void> {
    const bytes = bytesOf(segment)
    connections.held.add('mailboxes', bytes)
    left.set(sender, (left.get(sender) ?? 0) + 1)
    await channel.send(segment, sender.party)
    connections.held.add('mailboxes', -bytes)
    const others = (left.get(sender) ?? 0) - 1
    if (others > 0) return void left.set(sender, others)
    left.delete(sender)
    notice(ready.admitted, sender)
  }

  /** What is not accepted at once goes on when the connection is writable; until then its channel is not emptied. */
  function write(connection: Connection): void {
    const mailbox = mailboxes.get(connection)
    if (!mailbox) return
    do {
      if (!connection.flush(mailbox.writing)) return stall(connection, mailbox)
      mailbox.wait?.[Symbol.dispose]()
      mailbox.wait = undefined
    } while (take(mailbox))
    // Its channel is empty, so nothing stands in front of it either.
    if (connection.state !== 'closing' && connection.state !== 'closed') return
    mailboxes.delete(connection)
    connection.end()
  }

  function stall(connection: Connection, mailbox: Mailbox): void {
    mailbox.wait ??= connections.waits.begin(mailbox.writer, { kind: 'reading', client: connection.id })
  }

  /** From the channel, as much as goes in one write; false when there is nothing. */
  function take({ channel, writing }: Mailbox): boolean {
    while (writing.length < writingBytes) {
      const taken = channel.tryReceive()
      if (taken.state !== 'ok') break
      writing.append(taken.value)
    }
    return writing.length > 0
  }

  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
    await admissions.settled()
  }

  return serverOf(connections, stop)
}

function bytesOf(segment: Segment): number {
  return segment.capacity
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
