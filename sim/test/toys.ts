import { Connections, serverOf, Tasks } from '@switchyard/core'
import type { Connection, Guarantees, Outbox, Pattern, Protocol } from '@switchyard/core'
import { bytesInWords, bytesOfText, bytesText, conversationOf, Simulation } from '../src/index.ts'
import type { Checker, Choices, Event, Move, Speech, Start, Violation, World } from '../src/index.ts'

/** A small protocol and small servers: enough to have orders that matter, and one that is wrong on purpose. */

/** A message to another client; or only its beginning. */
export interface ToySay {
  readonly kind: 'send' | 'begin'
  readonly to: number
  readonly body: Uint8Array
}

const NOTHING = new Uint8Array(0)

/** A message is the destination's id, a body and a NUL. A server tells each client its id first, in so many bytes; the first counts. */
export function toySpeechWith(idBytes: number): Speech<ToySay> {
  return {
    protocol: 'toy',
    begin: (clients) =>
      conversationOf<ToySay, Uint8Array>(clients, {
        nothing: NOTHING,
        hear: (head, bytes) =>
          head.length >= idBytes || bytes.length === 0 ? head : Uint8Array.of(...head, ...bytes).slice(0, idBytes),
        introduced: (head) => head.length >= idBytes,
        bytesOf: ({ kind, to, body }, _, knows) => {
          const head = knows(to)
          if (head.length < idBytes) return undefined
          return Uint8Array.of(...head.subarray(0, 1), ...body, ...(kind === 'send' ? [0] : []))
        },
      }),
    label: ({ kind, to }, { bytes, whole }) =>
      `${kind === 'send' ? 'sends' : 'begins with'} ${bytesInWords(bytes)} for client ${to}${whole || kind === 'begin' ? '' : ' (in part)'}`,
    encode: ({ kind, to, body }) => `${kind === 'begin' ? 'b' : ''}${to}.${bytesText(body)}`,
    decode(text) {
      const [, begins, to, rest = ''] = /^(b?)(\d+)\.(.*)$/.exec(text) ?? []
      const body = bytesOfText(rest)
      return to === undefined || !body ? undefined : { kind: begins ? 'begin' : 'send', to: Number(to), body }
    },
    messageEnd: (bytes) => bytes.indexOf(0, 4) + 1,
    *smaller(say) {
      const { length } = say.body
      for (const shorter of new Set([0, 1, length >> 1, length - 1])) {
        if (shorter >= 0 && shorter < length) yield { ...say, body: say.body.slice(0, shorter) }
      }
    },
    renumbered(say, now) {
      const to = now(say.to)
      return to === undefined ? undefined : { ...say, to }
    },
    movable: ({ kind }) => kind === 'send',
  }
}

export const toySpeech: Speech<ToySay> = toySpeechWith(1)

/** A body is a digit: of how many bytes its destination has read when it is said. So what is said changes with every read. */
export const countingSpeech: Speech<ToySay> = {
  ...toySpeech,
  begin: (clients) =>
    conversationOf<ToySay, Uint8Array>(clients, {
      nothing: NOTHING,
      hear: (read, bytes) => Uint8Array.of(...read, ...bytes),
      introduced: (read) => read.length > 0,
      bytesOf: ({ to }, _, knows) => {
        const [id, ...rest] = knows(to)
        return id === undefined ? undefined : Uint8Array.of(id, 49 + rest.length, 0)
      },
    }),
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

export const noChecker: Checker = { after: () => undefined, end: () => undefined }

/** T1: no ticket is given twice. */
export class TicketChecker implements Checker {
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

export function starting(
  pattern: Pattern,
  createChecker: () => Checker = () => noChecker,
  speech: Speech<ToySay> = toySpeech,
): Start<ToySay> {
  return (world: World<ToySay>, choices: Choices) =>
    new Simulation<ToySay>({
      pattern,
      createProtocol: () => new ToyProtocol(),
      world,
      speech,
      choices,
      checker: createChecker(),
    })
}

export function send(to: number, text: string): Move<ToySay> {
  return { kind: 'say', say: { kind: 'send', to, body: bytesOf(text) } }
}

export function worldOf(clients: World<ToySay>['clients'], more: Partial<Omit<World, 'clients'>> = {}): World<ToySay> {
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
