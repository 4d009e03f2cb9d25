/**
 * Reactor: one loop over ready sets; in each turn it accepts, writes, reads and flushes, and never waits.
 *
 * Idea       Everything is explicit: who is ready, who wants to hear of it, whose bytes stay where.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      Interest, fairness and back-pressure are yours to get right; memory grows with the number of stalled
 *            clients (G8).
 * Read       from `serve` down.
 */
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const reactor: Pattern = {
  name: 'reactor',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false, G9: true },
  order: 'per-destination',
  serve,
}

const commits: Party = { kind: 'task', name: 'what was decided' }

/** A sender we stopped reading from. We read again once every destination that its last chunk filled has room. */
interface Hold {
  readonly full: readonly Connection[]
  readonly waitsFor: Connection
  readonly wait: Disposable
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const ready = {
    accepted: new ReadySet(),
    readable: new ReadySet(),
    writable: new ReadySet(),
  }
  const connections = new Connections(
    protocol,
    listener,
    options,
    {
      accepted: (connection) => notice(ready.accepted, connection),
      readable: (connection) => notice(ready.readable, connection),
      writable: (connection) => notice(ready.writable, connection),
      due: () => {
        due = true
        schedule()
      },
    },
    { commits: true },
  )
  const committing = new Tasks()
  const holds = new WeakMap<Connection, Hold>()
  const sendersOf = new WeakMap<Connection, Set<Connection>>()
  let due = false
  let scheduled = false

  /** An edge: remembered now, handled in the turn. A turn is only scheduled when there is something to do in it (G6). */
  function notice(set: ReadySet, connection: Connection): void {
    set.add(connection)
    schedule()
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    connections.clock.turn(turn)
  }

  /** Writes come before reads: room first, then what needs it. Each set is emptied once, so a turn ends. */
  function turn(): void {
    scheduled = false
    for (const connection of ready.accepted.take()) accept(connection)
    for (const connection of ready.writable.take()) write(connection)
    for (const connection of ready.readable.take()) read(connection)
    if (due) takeDue()
    if (committing.count === 0) commit()
    for (const connection of connections.takeDirty()) write(connection)
  }

  function accept(connection: Connection): void {
    holdOrArm(connection, connections.connected(connection))
  }

  /** Steps that belong to no client: a time has come, a queue has drained. */
  function takeDue(): void {
    due = false
    connections.due()
  }

  /** One commit for what a turn has decided. What is decided while it is under way is for the next one. */
  function commit(): void {
    const committed = connections.commit(commits)
    if (committed) committing.own(committed.then(schedule))
  }

  /** One chunk, one step; then interest is declared anew, unless a destination of this chunk is full. */
  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        return holdOrArm(connection, connections.received(connection, taken.chunk))
      case 'empty':
        return connection.arm()
      case 'closed': // Its last step. What is queued for it still goes out; `write` ends it behind the last byte.
        endHold(connection)
        connections.disconnected(connection)
        return write(connection)
    }
  }

  /** What is not accepted at once goes on when the connection is writable. */
  function write(connection: Connection): void {
    const flushed = connection.flush()
    if (flushed && connection.state === 'closing') connection.end()
    if (connection.full) return
    // Each sender leaves this set as it is handled, which a `Set` allows while we iterate; one held again joins another set.
    for (const sender of sendersOf.get(connection) ?? []) holdOrArm(sender, endHold(sender))
  }

  /** Back-pressure for the guilty only: nobody else waits for a full destination (G2, G4). */
  function holdOrArm(sender: Connection, full: readonly Connection[]): void {
    const waitsFor = full.find((destination) => destination.full)
    if (!waitsFor) return sender.arm()
    const wait = connections.waits.begin(sender.party, { kind: 'room', client: waitsFor.id })
    holds.set(sender, { full, waitsFor, wait })
    sender.release()
    const senders = sendersOf.get(waitsFor)
    if (senders) senders.add(sender)
    else sendersOf.set(waitsFor, new Set([sender]))
  }

  /** Returns the destinations that were full when the sender was held; none if it was not. */
  function endHold(sender: Connection): readonly Connection[] {
    const hold = holds.get(sender)
    if (!hold) return []
    holds.delete(sender)
    hold.wait[Symbol.dispose]()
    sendersOf.get(hold.waitsFor)?.delete(sender)
    return hold.full
  }

  /** Whatever was read has been decided in the same turn; so reading ends for all, and each closes when it is flushed. */
  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}

/** Connections of which one edge has been seen and not yet handled, each once, in the order of their edges. */
class ReadySet {
  #ready = new Set<Connection>()

  add(connection: Connection): void {
    this.#ready.add(connection)
  }

  /** Takes out all; edges seen from now on belong to the next turn. */
  take(): Iterable<Connection> {
    if (this.#ready.size === 0) return this.#ready
    const taken = this.#ready
    this.#ready = new Set()
    return taken
  }
}
