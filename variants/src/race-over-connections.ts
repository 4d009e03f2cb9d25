/**
 * Race over connections: the race server, where not kinds of happenings race but the connections themselves.
 *
 * Idea       Whoever has something to do first, wins: a race over everybody, again for each thing that happens.
 * Order      Per destination: each client sees deliveries in the order of decisions; across clients nothing is said.
 * Price      Each race subscribes to every connection and then lets go of all that lost: what one message costs grows with
 *            the clients that say nothing (G6). Memory as with race (G8).
 * Lesson     A race is for a handful of alternatives. For many things of one kind let the race learn that one is ready, and
 *            a queue say which.
 */
import { defer, firstValueFrom, of, race, Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

export const raceOverConnections: Pattern = {
  name: 'race-over-connections',
  guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: false, G7: true, G8: false },
  order: 'per-destination',
  serve,
}

type Happening = 'accepted' | 'turn-over' | 'all-gone' | Connection

/** A sender that is not read from: until none of those destinations of its last chunk is full that were. */
interface Hold {
  readonly full: readonly Connection[]
  readonly waitsFor: Connection
  readonly wait: Disposable
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const accepted: Connection[] = []
  const holds = new Map<Connection, Hold>()
  /** All that race. The one in front wins; that starves nobody, since who was handled is ready again next turn at the earliest. */
  const runners = new Map<Happening, Signal>()
  for (const happening of ['accepted', 'turn-over', 'all-gone'] as const) enter(happening)
  const connections = new Connections(protocol, listener, options, {
    accepted(connection) {
      accepted.push(connection)
      raise('accepted')
    },
    readable: raise,
    writable: raise,
  })
  let flushing = false
  const loop = new Tasks()
  loop.own(run())

  /** `Promise.race` would do, and would leave a reaction on the promise of every loser: idle clients would cost memory too. */
  async function run(): Promise<void> {
    for (;;) {
      const happening = await firstValueFrom(race(Array.from(runners.values(), ({ raised }) => raised)))
      runners.get(happening)?.lower()
      switch (happening) {
        case 'accepted':
          for (const connection of accepted.splice(0)) accept(connection)
          break
        case 'turn-over':
          flush()
          break
        case 'all-gone':
          return
        default:
          handle(happening)
      }
    }
  }

  function enter(happening: Happening): void {
    runners.set(happening, new Signal(happening))
  }

  function raise(happening: Happening): void {
    runners.get(happening)?.raise()
  }

  function accept(connection: Connection): void {
    enter(connection)
    connections.connected(connection)
    connection.arm()
    flushLater()
  }

  /** Readable, writable or both: what can be written is written, then one chunk is read. */
  function handle(connection: Connection): void {
    flushLater()
    const flushed = write(connection)
    if (isHeld(connection)) return
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        return holdOrArm(connection, connections.received(connection, taken.chunk))
      case 'empty':
        return connection.arm()
      case 'closed':
        connections.disconnected(connection)
        if (flushed) runners.delete(connection)
        return void write(connection)
    }
  }

  /** What the chunks of one turn send to a client leaves in one write. */
  function flushLater(): void {
    if (flushing) return
    flushing = true
    connections.clock.turn(() => raise('turn-over'))
  }

  function flush(): void {
    flushing = false
    for (const destination of connections.takeDirty()) write(destination)
    for (const sender of holds.keys()) if (!isHeld(sender)) sender.arm()
  }

  /** Never waits: what is not accepted at once goes on when the connection is writable. */
  function write(connection: Connection): boolean {
    const flushed = connection.flush()
    if (flushed && connection.state === 'closing') connection.end()
    return flushed
  }

  /** Back-pressure for the guilty only: nobody else waits for a full destination (G2, G4). */
  function holdOrArm(sender: Connection, full: readonly Connection[]): void {
    if (hold(sender, full)) sender.release()
    else sender.arm()
  }

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
    raise('all-gone')
    await loop.settled()
  }

  return serverOf(connections, stop)
}

/** One that races. Raised between two races, it stays so: a plain Subject would lose that. */
class Signal {
  readonly raised: Observable<Happening>
  readonly #happening: Happening
  readonly #rises = new Subject<Happening>()
  #up = false

  constructor(happening: Happening) {
    this.#happening = happening
    this.raised = defer(() => (this.#up ? of(this.#happening) : this.#rises))
  }

  raise(): void {
    this.#up = true
    this.#rises.next(this.#happening)
  }

  lower(): void {
    this.#up = false
  }
}
