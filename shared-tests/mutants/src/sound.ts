/**
 * The server without a fault that the mutants below `router/` and `connections/` differ from in one place: its lock, like
 * that of the mutex pattern, is around deciding and delivering. Compare a mutant with it, not with the five.
 */
import { Mutex } from 'async-mutex'
import { Connections, limitsOf, Tasks } from '@switchyard/core'
import type {
  Connection,
  Limits,
  Listener,
  Party,
  Pattern,
  Protocol,
  Resource,
  ServeOptions,
  Server,
  StatisticsSnapshot,
  WaitForGraph,
} from '@switchyard/core'

/** Where a mutant differs. */
export interface Fault {
  /** Runs this protocol instead of the one that it was given. */
  readonly protocol?: (given: Protocol, limits: Limits) => Protocol
  /** Runs with these limits instead of those that it was given. */
  readonly limits?: (given: Limits) => Partial<Limits>
  /** Serves in this way. */
  readonly Server?: typeof SoundServer
}

/** A pattern that is sound but for `fault`. */
export function soundBut(name: string, { protocol, limits, Server = SoundServer }: Fault): Pattern {
  return {
    name,
    guarantees: { G1: true, G2: false, G3: true, G4: false, G5: true, G6: true, G7: false, G8: true },
    serve(given, listener, options = {}) {
      const asked = limitsOf(options)
      return new Server(protocol?.(given, asked) ?? given, listener, { ...options, ...limits?.(asked) })
    },
  }
}

/** A mutant overrides one of the methods that are not private. */
export class SoundServer implements Server {
  protected readonly connections: Connections
  /** The lives of the connections. */
  protected readonly loops: Tasks = new Tasks()
  readonly #lock = new Mutex()
  readonly #sockets: Resource = { kind: 'lock', name: 'sockets', holder: () => this.#holder }
  #holder: Party | undefined
  #stopping: Promise<void> | undefined

  constructor(protocol: Protocol, listener: Listener, options: ServeOptions) {
    this.connections = new Connections(protocol, listener, options, {
      accepted: (connection) => this.loops.own(this.run(connection)),
      writable: (connection) => this.writable?.(connection),
    })
  }

  get waits(): WaitForGraph {
    return this.connections.waits
  }

  statistics(): StatisticsSnapshot {
    return this.connections.statistics()
  }

  shutdown(): Promise<void> {
    return (this.#stopping ??= this.stop())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }

  /** The life of one connection. */
  protected async run(connection: Connection): Promise<void> {
    await this.step(connection, () => this.connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (!chunk) break
      await this.step(connection, () => this.connections.received(connection, chunk))
    }
    if (!this.connections.stopped) await this.leave(connection)
  }

  /** The last step, and the end behind what is queued. */
  protected async leave(connection: Connection): Promise<void> {
    await this.step(connection, () => this.connections.disconnected(connection))
    this.close(connection)
  }

  protected close(connection: Connection): void {
    connection.end()
  }

  /** Decides and delivers, and lets nobody in between. */
  protected async step(connection: Connection, decide: () => void): Promise<void> {
    const release = await this.#acquire(connection.party)
    this.#holder = connection.party
    try {
      decide()
      const dirty = this.connections.takeDirty()
      await Promise.all(dirty.map((destination) => this.deliver(destination, connection)))
    } finally {
      this.#holder = undefined
      release()
    }
  }

  /** `cause` is whose step this is. */
  protected async deliver(destination: Connection, cause: Connection): Promise<void> {
    await destination.flushed(cause.party)
  }

  /** What was outstanding has been accepted. Here whoever waits for that is woken, and nothing else is to be done. */
  protected writable?(connection: Connection): void

  /** R4.3: what was read is delivered before the first connection is closed. */
  protected async stop(): Promise<void> {
    this.connections.stop()
    await this.loops.settled()
    for (const connection of this.connections.all()) await this.leave(connection)
    await this.connections.closed()
  }

  async #acquire(who: Party): Promise<() => void> {
    using _ = this.#lock.isLocked() ? this.waits.begin(who, this.#sockets) : undefined
    return await this.#lock.acquire()
  }
}
