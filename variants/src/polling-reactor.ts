/**
 * Polling reactor: a loop that is told that something is ready, and asks every connection whether it is the one.
 *
 * Idea       As `select` and `poll` have it: no ready sets, no list of who waits for whom. Whoever can go on is found.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      Every turn costs as much as there are connections, idle ones too (G6); memory as with the reactor (G8).
 * Lesson     Polling makes interest simple (who is held back needs no index, because everybody is asked again), and makes
 *            everybody pay for those who are silent.
 */
import { Connections, serverOf } from '@switchyard/core'
import type { Connection, Listener, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const pollingReactor: Pattern = {
  name: 'polling-reactor',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: false, G7: true, G8: false },
  order: 'per-destination',
  serve,
}

/** A sender that is not read from: until none of those destinations of its last chunk is full that were. */
interface Hold {
  readonly full: readonly Connection[]
  readonly waitsFor: Connection
  readonly wait: Disposable
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const connections = new Connections(protocol, listener, options, {
    accepted: schedule,
    readable: schedule,
    writable: schedule,
  })
  const holds = new Map<Connection, Hold>()
  let scheduled = false

  /** Something is ready. What, is forgotten here; so the turn has to ask everybody. */
  function schedule(): void {
    if (scheduled) return
    scheduled = true
    connections.clock.turn(turn)
  }

  /** Writes come before reads: room first, then what needs it. */
  function turn(): void {
    scheduled = false
    const all = [...connections.all()]
    for (const connection of all) write(connection)
    for (const connection of all) read(connection)
    for (const connection of connections.takeDirty()) write(connection)
    for (const sender of holds.keys()) if (!isHeld(sender)) sender.arm()
  }

  function write(connection: Connection): void {
    const flushed = connection.flush()
    if (flushed && connection.state === 'closing') connection.end()
  }

  function read(connection: Connection): void {
    if (connection.state === 'accepted') connections.connected(connection)
    if (isHeld(connection)) return
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        if (hold(connection, connections.received(connection, taken.chunk))) return connection.release()
        return connection.arm()
      case 'empty':
        return connection.arm()
      case 'closed':
        connections.disconnected(connection)
        return write(connection)
    }
  }

  /** Back-pressure for the guilty only: nobody else waits for a full destination (G2, G4). */
  function hold(sender: Connection, full: readonly Connection[]): boolean {
    const waitsFor = full.find((destination) => destination.full)
    if (!waitsFor) return false
    const wait = connections.waits.begin(sender.party, { kind: 'room', client: waitsFor.id })
    holds.set(sender, { full, waitsFor, wait })
    return true
  }

  function isHeld(sender: Connection): boolean {
    const held = holds.get(sender)
    if (!held) return false
    if (held.waitsFor.full && !sender.readingOver) return true
    holds.delete(sender)
    held.wait[Symbol.dispose]()
    return !sender.readingOver && hold(sender, held.full)
  }

  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
