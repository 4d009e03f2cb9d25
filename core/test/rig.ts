import type { Connection } from '../src/connection/connection.ts'
import { Connections } from '../src/connections.ts'
import type { ClientId, Group, Outbox, Protocol, ServeOptions } from '../src/protocol.ts'
import { FakeListener, FakeSocket, SteppedClock } from './support.ts'
import type { FakeSocketOptions } from './support.ts'

/** Does in each step what the test has put in `does`, and writes down which steps it was taken through. */
export class Scripted implements Protocol {
  readonly calls: string[] = []
  does: (call: string, out: Outbox) => void = () => {}

  connected(client: ClientId, out: Outbox, role: string): void {
    this.step(`connected ${client} as ${role}`, out)
  }

  received(client: ClientId, _: Uint8Array, out: Outbox): void {
    this.step(`received ${client}`, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.step(`disconnected ${client}`, out)
  }

  drained(client: ClientId, out: Outbox): void {
    this.step(`drained ${client}`, out)
  }

  woken(out: Outbox): void {
    this.step(`woken at ${out.now}`, out)
  }

  stopping(out: Outbox): void {
    this.step('stopping', out)
  }

  heldBytes(_client?: ClientId): number {
    return 0
  }

  protected step(call: string, out: Outbox): void {
    this.calls.push(call)
    this.does(call, out)
  }
}

/** A group with these members. */
export class Fellows implements Group {
  version = 0
  readonly #ids: Set<ClientId>

  constructor(...ids: readonly ClientId[]) {
    this.#ids = new Set(ids)
  }

  [Symbol.iterator](): Iterator<ClientId> {
    return this.#ids.values()
  }

  add(id: ClientId): void {
    this.#ids.add(id)
    this.version++
  }

  remove(id: ClientId): void {
    this.#ids.delete(id)
    this.version++
  }
}

/** The connections of one server, and a test in the place of its pattern. */
export class Rig {
  readonly clock = new SteppedClock()
  readonly listener: FakeListener & { roleOf?: (socket: unknown) => string } = new FakeListener()
  readonly protocol: Scripted
  readonly connections: Connections
  dueEdges = 0
  readonly #accepted: Connection[] = []

  constructor(options: ServeOptions = {}, protocol: Scripted = new Scripted()) {
    this.protocol = protocol
    this.connections = new Connections(
      this.protocol,
      this.listener,
      { clock: this.clock, messageBytesMax: 1, ...options },
      { accepted: (connection) => void this.#accepted.push(connection), due: () => void this.dueEdges++ },
      { commits: true },
    )
  }

  connect(options: FakeSocketOptions = {}): { readonly connection: Connection; readonly socket: FakeSocket } {
    const { connection, socket } = this.accept(options)
    this.connections.connected(connection)
    return { connection, socket }
  }

  /** Its protocol has not been told. */
  accept(options: FakeSocketOptions = {}): { readonly connection: Connection; readonly socket: FakeSocket } {
    const socket = this.listener.bring(new FakeSocket(options))
    return { connection: this.#accepted.at(-1)!, socket }
  }

  /** One step, in which the protocol does this. */
  step(connection: Connection, does: (out: Outbox) => void): readonly Connection[] {
    this.protocol.does = (_, out) => does(out)
    const full = this.connections.received(connection, Uint8Array.of(0))
    this.protocol.does = () => {}
    return full
  }

  /** Takes what is due, as a pattern does at its edge. */
  async due(): Promise<void> {
    const before = this.dueEdges
    await this.clock.endTurn()
    if (this.dueEdges > before) this.connections.due()
  }
}

/** With a step for FIN. */
export class Finishing extends Scripted {
  finished(client: ClientId, out: Outbox): void {
    this.step(`finished ${client}`, out)
  }
}
