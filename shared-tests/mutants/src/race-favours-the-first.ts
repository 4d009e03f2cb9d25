/**
 * Idea      Let the ready clients race, handle the winner, yield so that turns go on, race again.
 * Flaw      The first runner wins every tie, and always the same one stands first: whoever connected first.
 * Seen by   G5: while the first client floods, nobody else is served.
 */
import { defer, filter, firstValueFrom, of, race, Subject } from 'rxjs'
import type { Observable } from 'rxjs'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const raceFavoursTheFirst: Mutant = {
  seenBy: 'G5',
  reason: 'have not been handled for',
  pattern: {
    name: 'race-favours-the-first',
    guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: false, G7: true, G8: false },
    serve,
  },
}

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  /** In the order in which they connected. */
  const live = new Set<Connection>()
  const ready = new Set<Connection>()
  const edges = new Subject<Connection>()
  const connections = new Connections(protocol, listener, options, {
    accepted(connection) {
      live.add(connection)
      connections.connected(connection)
      flush(connection)
      connection.arm()
    },
    readable(connection) {
      ready.add(connection)
      edges.next(connection)
    },
    writable: flush,
  })
  const loop = new Tasks()
  loop.own(run())

  async function run(): Promise<void> {
    for (;;) {
      const connection = await firstValueFrom(race([...[...live].map(readable), edges]))
      ready.delete(connection)
      read(connection)
      for (const destination of connections.takeDirty()) flush(destination)
      await new Promise<void>((resolve) => {
        connections.clock.turn(resolve)
      })
    }
  }

  function readable(connection: Connection): Observable<Connection> {
    return defer(() => (ready.has(connection) ? of(connection) : edges.pipe(filter((edge) => edge === connection))))
  }

  function read(connection: Connection): void {
    const taken = connection.tryRead()
    if (taken.state === 'ok') connections.received(connection, taken.chunk)
    if (taken.state !== 'closed') return connection.arm()
    live.delete(connection)
    connections.disconnected(connection)
    flush(connection)
  }

  function flush(connection: Connection): void {
    if (connection.flush() && connection.state === 'closing') connection.end()
  }

  async function stop(): Promise<void> {
    connections.stop()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
