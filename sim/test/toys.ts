import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Guarantees, Outbox, Pattern, Protocol } from '@switchyard/core'
import { Simulation } from '../src/index.ts'
import type { Choices, Event, Judge, Start, Violation, Wire, World } from '../src/index.ts'

/** A small protocol and small servers: enough to have orders that matter, and one that is wrong on purpose. */

/** An id is one byte; a message is the destination's id, a body and a NUL. */
export const toyWire: Wire = {
  encode: (id, body) => Uint8Array.of(...id, ...body, 0),
  begin: (id, body) => Uint8Array.of(...id, ...body),
  id: (received) => received.slice(0, 1),
}

/** Delivers each message to its destination, with the number of messages so far in front: so order is seen. */
export class ToyProtocol implements Protocol {
  readonly #input = new Map<number, number[]>()
  #messages = 0

  connected(client: number, out: Outbox): void {
    this.#input.set(client, [])
    out.send(client, Uint8Array.of(client))
  }

  received(client: number, chunk: Uint8Array, out: Outbox): void {
    const input = this.#input.get(client) ?? []
    for (const byte of chunk) {
      input.push(byte)
      if (byte !== 0 || input.length < 2) continue
      const [to = 0, ...message] = input.splice(0)
      out.send(to, Uint8Array.of(48 + ++this.#messages, ...message))
    }
  }

  disconnected(client: number): void {
    this.#input.delete(client)
  }

  heldBytes(client: number): number {
    return this.#input.get(client)?.length ?? 0
  }
}

const guarantees: Guarantees = { G1: true, G2: true, G3: false, G4: false, G5: true, G6: true, G7: true, G8: false }

/** Decides at once and writes as the kernels accept: one loop for each connection, no waiting for others. */
export const relay: Pattern = {
  name: 'relay',
  guarantees,
  serve: (protocol, listener, options = {}) => {
    const loops = new Tasks()
    const writing = new Set<Connection>()
    const connections = new Connections(protocol, listener, options, {
      accepted: (connection) => loops.own(run(connection)),
    })

    async function run(connection: Connection): Promise<void> {
      connections.connected(connection)
      deliver()
      for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) {
        connections.received(connection, chunk)
        deliver()
      }
      connections.disconnected(connection)
      await connection.flushed(connection.party)
      connection.end()
    }

    function deliver(): void {
      for (const destination of connections.takeDirty()) {
        if (!writing.has(destination)) loops.own(write(destination))
      }
    }

    async function write(destination: Connection): Promise<void> {
      writing.add(destination)
      await destination.flushed(destination.party)
      writing.delete(destination)
    }

    return serverOf(connections, async () => {
      connections.stop()
      await connections.closed()
    })
  },
}

/**
 * Whatever a client sends, it gets a ticket: the next number. But a turn passes between looking and taking, and whoever
 * else comes in that turn gets the same one.
 */
export const tickets: Pattern = {
  name: 'tickets',
  guarantees,
  serve: (protocol, listener, options = {}) => {
    const loops = new Tasks()
    let taken = 0
    const connections = new Connections(protocol, listener, options, {
      accepted: (connection) => loops.own(run(connection)),
    })

    async function run(connection: Connection): Promise<void> {
      connections.connected(connection)
      await connection.flushed(connection.party)
      while ((await connection.read()) !== undefined) {
        const ticket = taken + 1
        await new Promise<void>((resolve) => connections.clock.turn(resolve))
        taken = ticket
        connections.send(connection.id, Uint8Array.of(ticket))
        await connection.flushed(connection.party)
      }
    }

    return serverOf(connections, () => connections.closed())
  },
}

/** From the second message on, its two clients wait for each other. */
export const embrace: Pattern = {
  name: 'embrace',
  guarantees,
  serve: (protocol, listener, options = {}) => {
    const waiting: Connection[] = []
    const loops = new Tasks()
    const connections = new Connections(protocol, listener, options, {
      accepted: (connection) => loops.own(run(connection)),
    })

    async function run(connection: Connection): Promise<void> {
      connections.connected(connection)
      await connection.flushed(connection.party)
      await connection.read()
      waiting.push(connection)
      const other = (): Connection | undefined => waiting.find((candidate) => candidate !== connection)
      connections.waits.begin(connection.party, { kind: 'lock', name: 'the other', holder: () => other()?.party })
    }

    return serverOf(connections, () => connections.closed())
  },
}

/** Five milliseconds after connecting a client is sent something, and the end of a turn is asked for. */
export const alarm: Pattern = {
  name: 'alarm',
  guarantees,
  serve: (protocol, listener, options = {}) => {
    const connections = new Connections(protocol, listener, options, {
      accepted: (connection) => {
        connections.connected(connection)
        connection.flush()
        connections.clock.after(5, () => {
          connections.send(connection.id, Uint8Array.of(33))
          connection.flush()
          connections.clock.turn(() => {})
        })
      },
    })
    return serverOf(connections, () => connections.closed())
  },
}

export const noJudge: Judge = { after: () => undefined, end: () => undefined }

/** T1: no ticket is given twice. */
export class TicketJudge implements Judge {
  readonly #given = new Set<number>()
  readonly #greeted = new Set<number>()

  after(event: Event): Violation | undefined {
    if (event.kind !== 'read') return undefined
    // The first byte that a client reads is its id.
    const given = this.#greeted.has(event.client) ? event.bytes : event.bytes.subarray(1)
    this.#greeted.add(event.client)
    for (const ticket of given) {
      if (this.#given.has(ticket)) return { clause: 'T1', message: `ticket ${ticket} was given twice` }
      this.#given.add(ticket)
    }
    return undefined
  }

  end(): undefined {
    return undefined
  }
}

export function starting(pattern: Pattern, createJudge: () => Judge = () => noJudge): Start {
  return (world: World, choices: Choices) =>
    new Simulation({
      pattern,
      createProtocol: () => new ToyProtocol(),
      world,
      wire: toyWire,
      choices,
      judge: createJudge(),
    })
}

export function send(to: number, text: string): World['clients'][number][number] {
  return { kind: 'send', to, body: bytesOf(text) }
}

export function worldOf(clients: World['clients'], more: Partial<World> = {}): World {
  return {
    clients,
    shutdown: false,
    limits: {},
    buffers: { receiveBytes: 64, sendBytes: 64 },
    cuts: 'whole',
    ...more,
  }
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

export function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
