import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Pattern, Protocol, ServeOptions, Server } from '@switchyard/core'

/** What a pattern can do wrong; each is a line below. */
export type ToyFault =
  | 'none'
  | 'holds nobody back'
  | 'holds one lock while it reads'
  | 'delivers under one lock'
  | 'handles a chunk ten turns later'
  | 'writes a message in two parts'
  | 'loses a chunk that comes while a write is pending'
  | 'never leaves'
  | 'ends before it has flushed'
  | 'does not close'
  | 'ends everybody when one resets'
  | 'has no write deadline'
  | 'ends slow readers early'
  | 'shuts down without a bound'
  | 'destroys at shutdown'
  | 'handles nothing that it has read at shutdown'

const NEVER_MS = 2 ** 31 - 1

/** A pattern of the tests' own: a loop for each connection, writes that nobody waits for, senders held back by full queues. */
export function toy(fault: ToyFault = 'none'): Pattern {
  return {
    name: `toy, fault: ${fault}`,
    guarantees: { G1: true, G2: true, G3: true, G4: true, G5: true, G6: true, G7: true, G8: false },
    serve: (protocol, listener, options = {}) => serve(fault, protocol, listener, withFault(fault, options)),
  }
}

function withFault(fault: ToyFault, options: ServeOptions): ServeOptions {
  if (fault === 'has no write deadline') return { ...options, writeDeadlineMs: NEVER_MS }
  if (fault === 'ends slow readers early') return { ...options, writeDeadlineMs: 500 }
  if (fault === 'shuts down without a bound') return { ...options, graceMs: NEVER_MS, writeDeadlineMs: NEVER_MS }
  return options
}

function serve(fault: ToyFault, protocol: Protocol, listener: Listener, options: ServeOptions): Server {
  const loops = new Tasks()
  const waiting = new Map<Connection, (() => void)[]>()
  const pending = new Set<Connection>()
  let lock = Promise.resolve()
  const connections = new Connections(protocol, listener, options, {
    accepted: (connection) => loops.own(run(connection)),
    writable: write,
  })

  async function run(connection: Connection): Promise<void> {
    const release = await locked()
    connections.connected(connection)
    await deliver(connection)
    release()
    for (;;) {
      const chunk = await read(connection)
      if (!chunk) break
      if (fault === 'handles a chunk ten turns later') for (let turns = 0; turns < 10; turns++) await turn()
      if (fault === 'handles nothing that it has read at shutdown') await turn()
      if (fault === 'handles nothing that it has read at shutdown' && connections.stopped) break
      if (fault === 'loses a chunk that comes while a write is pending' && pending.size > 0) continue
      const unlock = await locked()
      const full = connections.received(connection, chunk)
      await deliver(connection)
      unlock()
      if (full.length === 0 || fault === 'holds nobody back') continue
      connection.release()
      await Promise.all(full.map(room))
    }
    if (fault === 'never leaves' && !connections.stopped) return
    if (fault === 'ends everybody when one resets' && connection.state === 'closed') {
      for (const other of connections.all()) other.abort('reset')
    }
    connections.disconnected(connection)
    await deliver(connection)
    if (fault === 'ends before it has flushed') connection.end()
    else write(connection)
  }

  async function read(connection: Connection): Promise<Uint8Array | undefined> {
    if (fault !== 'holds one lock while it reads') return connection.read()
    const release = await acquire()
    const chunk = await connection.read()
    release()
    return chunk
  }

  async function locked(): Promise<() => void> {
    return fault === 'delivers under one lock' ? acquire() : () => {}
  }

  async function acquire(): Promise<() => void> {
    const before = lock
    let release!: () => void
    lock = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }

  async function deliver(cause: Connection): Promise<void> {
    for (const destination of connections.takeDirty()) {
      if (fault === 'delivers under one lock') await destination.flushed(cause.party)
      else if (fault === 'writes a message in two parts') await inTwoParts(destination)
      else write(destination)
    }
  }

  /** Lets go of everything but the first byte, and puts it back a turn later. */
  async function inTwoParts(destination: Connection): Promise<void> {
    if (pending.has(destination)) return write(destination)
    const bytes = destination.outgoing.pin(Number.POSITIVE_INFINITY).flatMap((view) => [...view])
    if (!destination.connected || bytes.length < 2) return write(destination)
    destination.outgoing.consume(bytes.length)
    destination.outgoing.push(Uint8Array.from(bytes.slice(0, 1)))
    write(destination)
    await turn()
    destination.outgoing.push(Uint8Array.from(bytes.slice(1)))
    write(destination)
  }

  function write(connection: Connection): void {
    const flushed = connection.flush()
    if (flushed) pending.delete(connection)
    else pending.add(connection)
    if (flushed && connection.state === 'closing' && fault !== 'does not close') connection.end()
    if (!connection.full) for (const wake of waiting.get(connection)?.splice(0) ?? []) wake()
  }

  function room(destination: Connection): Promise<void> {
    if (!destination.full) return Promise.resolve()
    return new Promise((wake) => {
      const others = waiting.get(destination)
      if (others) others.push(wake)
      else waiting.set(destination, [wake])
    })
  }

  function turn(): Promise<void> {
    return new Promise((resolve) => connections.clock.turn(resolve))
  }

  async function stop(): Promise<void> {
    connections.stop()
    if (fault === 'destroys at shutdown')
      for (const connection of connections.all()) connection.abort('shutdown-deadline')
    await connections.closed()
    await loops.settled()
  }

  return serverOf(connections, stop)
}
