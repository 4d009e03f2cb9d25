/**
 * Race: one task asks again and again what happens next, and lets all that could happen race for it.
 *
 * Idea       State and I/O in one place: the next of accepted, readable, writable, turn over; handle it; ask again.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      Ties, losers and waits are yours to get right; memory grows with the number of stalled clients (G8).
 * Read       from `serve` down.
 */
import { defer, firstValueFrom, of, race as raceOf, Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Party, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const race: Pattern = {
  name: 'race',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false, G9: true },
  order: 'per-destination',
  serve,
}

type Event = 'accepted' | 'readable' | 'writable' | 'due' | 'turn-over' | 'all-closed'

const commits: Party = { kind: 'task', name: 'what was decided' }

/** A sender we stopped reading from. We read again once every destination that its last chunk filled has room. */
interface Hold {
  readonly full: readonly Connection[]
  readonly waitsFor: Connection
  readonly wait: Disposable
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const accepted = new Source<Connection>('accepted')
  const readable = new Source<Connection>('readable')
  const writable = new Source<Connection>('writable')
  const due = new Source<null>('due')
  const turnOver = new Source<null>('turn-over')
  const allClosed = new Source<null>('all-closed')
  const connections = new Connections(
    protocol,
    listener,
    options,
    {
      accepted: (connection) => accepted.add(connection),
      readable: (connection) => readable.add(connection),
      writable: (connection) => writable.add(connection),
      due: () => due.add(null),
    },
    { commits: true },
  )
  const holds = new WeakMap<Connection, Hold>()
  const sendersOf = new WeakMap<Connection, Set<Connection>>()
  let flushing = false
  const committing = new Tasks()
  const loop = new Tasks()
  loop.own(run())

  /**
   * Kinds of events race, not connections: a race costs by its runners, and thousands of connections may be idle (G6).
   * Losers are unsubscribed; they lose nothing, because only the winner's source is taken from.
   * `firstValueFrom` subscribes, gives the first value as a promise, and unsubscribes: each turn of this loop is a new race.
   */
  async function run(): Promise<void> {
    // Of two that are ready the one that stands first wins. That starves nobody here: whatever was handled is ready again in
    // the next turn at the earliest. What one turn has brought is flushed together, since its end stands behind it.
    const next = raceOf([accepted, readable, writable, due, turnOver, allClosed].map((source) => source.ready))
    for (;;) {
      const event = await firstValueFrom(next)
      switch (event) {
        case 'accepted':
          accept(accepted.take())
          break
        case 'readable':
          read(readable.take())
          break
        case 'writable':
          write(writable.take())
          break
        case 'due':
          due.take()
          connections.due()
          flushLater()
          break
        case 'turn-over':
          turnOver.take()
          flush()
          break
        case 'all-closed':
          return
      }
    }
  }

  function accept(connection: Connection): void {
    holdOrArm(connection, connections.connected(connection))
    flushLater()
  }

  /** One chunk, one step; then the next chunk is asked for, unless a destination of this one is full. */
  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        holdOrArm(connection, connections.received(connection, taken.chunk))
        break
      case 'empty':
        connection.arm()
        break
      case 'closed': // Its last step. What is queued for it still goes out; `write` ends it behind the last byte.
        endHold(connection)
        connections.disconnected(connection)
        write(connection)
        break
    }
    flushLater()
  }

  /** What the chunks of one turn send to a client leaves in one write. */
  function flushLater(): void {
    if (flushing) return
    flushing = true
    connections.clock.turn(() => turnOver.add(null))
  }

  function flush(): void {
    flushing = false
    if (committing.count === 0) commit()
    for (const destination of connections.takeDirty()) write(destination)
  }

  /** One commit for what a turn has decided. What is decided while it is under way is for the next one. */
  function commit(): void {
    const committed = connections.commit(commits)
    if (committed) committing.own(committed.then(flushLater))
  }

  /** Never waits: what is not accepted at once goes on when the connection is writable. */
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

  /** Whatever was read has been decided in the same breath; so reading ends for all, and each closes when it is flushed. */
  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
    allClosed.add(null)
    await loop.settled()
  }

  return serverOf(connections, stop)
}

/**
 * Events of one kind that nobody has handled yet, each once. A plain Subject would lose what is emitted between two
 * races; here the race only learns that there is something, and it stays until it is taken.
 */
class Source<T> {
  readonly ready: Observable<Event>
  readonly #kind: Event
  readonly #waiting = new Set<T>()
  readonly #added = new Subject<Event>()

  constructor(kind: Event) {
    this.#kind = kind
    // `defer` asks anew for each race: what waits already wins at once, otherwise the race hears of what is added.
    this.ready = defer(() => (this.#waiting.size > 0 ? of(this.#kind) : this.#added))
  }

  add(value: T): void {
    this.#waiting.add(value)
    this.#added.next(this.#kind)
  }

  take(): T {
    for (const value of this.#waiting) {
      this.#waiting.delete(value)
      return value
    }
    throw new Error(`nothing ${this.#kind} to take`)
  }
}
