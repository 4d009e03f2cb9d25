import type { Connection } from '../src/connection/connection.ts'
import { Connections } from '../src/connections.ts'
import type { ConnectionsOptions } from '../src/connections.ts'
import type { ClientId, Listener, Outbox, Protocol, ServeOptions } from '../src/protocol.ts'
import { Tasks } from '../src/tasks.ts'
import type { Party } from '../src/wait-for-graph.ts'

/** One command of the toy protocol is this long. */
export const COMMAND_BYTES = 4

/** What one client can ask for: a send to another of so many bytes, keeping so many itself, an end of somebody. */
export type Command =
  | { readonly kind: 'send' | 'give'; readonly to: ClientId; readonly length: number }
  | { readonly kind: 'keep'; readonly length: number }
  | { readonly kind: 'close' | 'abort'; readonly client: ClientId }

const KINDS = ['send', 'give', 'keep', 'close', 'abort'] as const

/** Ids below 256, lengths below 65,536. */
export function encode(command: Command): Uint8Array {
  const kind = KINDS.indexOf(command.kind)
  switch (command.kind) {
    case 'send':
    case 'give':
      return Uint8Array.of(kind, command.to, command.length >> 8, command.length)
    case 'keep':
      return Uint8Array.of(kind, 0, command.length >> 8, command.length)
    case 'close':
    case 'abort':
      return Uint8Array.of(kind, command.client, 0, 0)
  }
}

/** Does what its clients command, and keeps a record of everything that it was told and has sent. */
export class Toy implements Protocol {
  readonly calls: string[] = []
  /** What was sent to a client from its id on, in order, whatever became of it. */
  readonly streams = new Map<ClientId, Uint8Array[]>()
  /** All that was ever sent, also to nobody. */
  sentBytes = 0
  readonly #kept = new Map<ClientId, number>()
  #next = 0

  connected(client: ClientId, out: Outbox): void {
    this.calls.push(`connected ${client}`)
    this.#kept.set(client, 0)
    this.streams.set(client, [])
    this.#record(client, Uint8Array.of(client))
    out.send(client, Uint8Array.of(client))
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    this.calls.push(`received ${client}`)
    for (let at = 0; at + COMMAND_BYTES <= chunk.length; at += COMMAND_BYTES) {
      const [kind = 0, to = 0, high = 0, low = 0] = chunk.subarray(at, at + COMMAND_BYTES)
      this.#do(client, KINDS[kind], to, high * 256 + low, out)
    }
  }

  disconnected(client: ClientId): void {
    this.calls.push(`disconnected ${client}`)
    this.#kept.delete(client)
  }

  heldBytes(client: ClientId): number {
    return this.#kept.get(client) ?? 0
  }

  #do(client: ClientId, kind: Command['kind'] | undefined, to: ClientId, length: number, out: Outbox): void {
    switch (kind) {
      case 'send':
      case 'give': {
        const bytes = new Uint8Array(length)
        for (let index = 0; index < length; index++) bytes[index] = this.#next++ % 251
        this.#record(to, Uint8Array.from(bytes))
        out[kind](to, bytes)
        if (kind === 'send') bytes.fill(255)
        break
      }
      case 'keep':
        this.#kept.set(client, length)
        break
      case 'close':
        out.close(to)
        break
      case 'abort':
        out.abort(to, 'message-too-long')
        break
      case undefined:
        throw new Error('no such command')
    }
  }

  #record(client: ClientId, bytes: Uint8Array): void {
    this.sentBytes += bytes.length
    this.streams.get(client)?.push(bytes)
  }
}

export interface SmallestServer {
  readonly connections: Connections
  stop(): Promise<void>
}

export type Drive = (
  protocol: Protocol,
  listener: Listener,
  options?: ServeOptions,
  connectionsOptions?: ConnectionsOptions,
) => SmallestServer

/**
 * The smallest pattern with a loop: it acts inside of each edge, which it may, because edges never come from inside of
 * what it does. That is asserted.
 */
export const driveByEdges: Drive = (protocol, listener, options = {}, connectionsOptions = {}) => {
  let acting = false
  const connections = new Connections(
    protocol,
    listener,
    options,
    {
      accepted: act((connection) => {
        connections.connected(connection)
        connection.arm()
      }),
      readable: act(read),
      writable: act(write),
    },
    connectionsOptions,
  )

  function act(fn: (connection: Connection) => void): (connection: Connection) => void {
    return (connection) => {
      if (acting) throw new Error('an edge came from inside of a call')
      acting = true
      fn(connection)
      for (const destination of connections.takeDirty()) write(destination)
      acting = false
    }
  }

  function read(connection: Connection): void {
    const taken = connection.tryRead()
    switch (taken.state) {
      case 'ok':
        connections.received(connection, taken.chunk)
        return connection.arm()
      case 'empty':
        return connection.arm()
      case 'closed':
        connections.disconnected(connection)
        return write(connection)
    }
  }

  function write(connection: Connection): void {
    if (connection.flush() && connection.state === 'closing') connection.end()
  }

  return {
    connections,
    async stop() {
      acting = true
      connections.stop()
      acting = false
      await connections.closed()
    },
  }
}

/** The smallest pattern with tasks: for each connection one that reads, and while there is something queued one that writes. */
export const driveByTasks: Drive = (protocol, listener, options = {}, connectionsOptions = {}) => {
  const tasks = new Tasks()
  const writing = new Set<Connection>()
  const connections = new Connections(
    protocol,
    listener,
    options,
    { accepted: (connection) => tasks.own(run(connection)) },
    connectionsOptions,
  )

  async function run(connection: Connection): Promise<void> {
    step(() => connections.connected(connection))
    for (;;) {
      const chunk = await connection.read()
      if (chunk === undefined) break
      step(() => void connections.received(connection, chunk))
    }
    step(() => connections.disconnected(connection))
    if (!writing.has(connection)) tasks.own(write(connection))
  }

  function step(fn: () => void): void {
    fn()
    for (const destination of connections.takeDirty()) if (!writing.has(destination)) tasks.own(write(destination))
  }

  async function write(connection: Connection): Promise<void> {
    const writer: Party = { kind: 'task', name: 'the writer', of: connection.id }
    writing.add(connection)
    while (connection.outgoing.length > 0) await connection.flushed(writer)
    writing.delete(connection)
    if (connection.state === 'closing') connection.end()
  }

  return {
    connections,
    async stop() {
      connections.stop()
      await tasks.settled()
      await connections.closed()
    },
  }
}

/** What a client sends, as the socket brings it. */
export function commands(...list: readonly Command[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(list.map(encode)))
}
