/**
 * Idea      Race the next chunk of every client, and handle the winner's.
 * Flaw      Every runner reads. Losers are unsubscribed, but what they had read already nobody keeps.
 * Seen by   R3.4: when two clients are readable at once, a message is lost.
 */
import { firstValueFrom, from, race } from 'rxjs'
import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Listener, Protocol, ServeOptions, Server } from '@switchyard/core'
import type { Mutant } from './mutant.ts'

export const raceLosesBytes: Mutant = {
  seenBy: 'R3.4',
  reason: 'though of the',
  pattern: {
    name: 'race-loses-bytes',
    guarantees: { G1: true, G2: true, G3: false, G4: false, G5: true, G6: false, G7: true, G8: false },
    serve,
  },
}

type Happening =
  | { readonly kind: 'read'; readonly connection: Connection; readonly chunk: Uint8Array | undefined }
  | { readonly kind: 'changed' }

function serve(protocol: Protocol, listener: Listener, options: ServeOptions = {}): Server {
  const live = new Set<Connection>()
  let change = (): void => {}
  let changed = nextChange()
  const connections = new Connections(protocol, listener, options, {
    accepted(connection) {
      connections.connected(connection)
      live.add(connection)
      flush(connection)
      change()
    },
    writable: flush,
  })
  const loop = new Tasks()
  loop.own(run())

  async function run(): Promise<void> {
    while (!connections.stopped || live.size > 0) {
      const runners = [...live].map((connection) => from(next(connection)))
      const happening = await firstValueFrom(race([from(changed), ...runners]))
      if (happening.kind === 'changed') changed = nextChange()
      else handle(happening.connection, happening.chunk)
      for (const destination of connections.takeDirty()) flush(destination)
    }
  }

  function nextChange(): Promise<Happening> {
    return new Promise((resolve) => (change = () => resolve({ kind: 'changed' })))
  }

  async function next(connection: Connection): Promise<Happening> {
    return { kind: 'read', connection, chunk: await connection.read() }
  }

  function handle(connection: Connection, chunk: Uint8Array | undefined): void {
    if (chunk) {
      connections.received(connection, chunk)
      return
    }
    live.delete(connection)
    connections.disconnected(connection)
    flush(connection)
  }

  function flush(connection: Connection): void {
    if (connection.flush() && connection.state === 'closing') connection.end()
  }

  async function stop(): Promise<void> {
    connections.stop()
    change()
    await loop.settled()
    await connections.closed()
  }

  return serverOf(connections, stop)
}
