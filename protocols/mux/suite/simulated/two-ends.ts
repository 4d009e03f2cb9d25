import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { pair, WaitForGraph } from '@switchyard/core'
import type {
  ClientId,
  Listener,
  Outbox,
  Party,
  Pattern,
  Protocol,
  Resource,
  Role,
  Server,
  ServeOptions,
} from '@switchyard/core'

/** The connection between the ends is the first client of each. */
export const TRUNK = 1

/** Two multiplexers that one connection joins: `near` opens streams, `far` accepts them. */
export class TwoEnds implements Protocol {
  readonly near: Protocol
  readonly far: Protocol
  /** Bytes that each end of the connection takes before its peer's writes wait. */
  readonly trunkBytes: number

  constructor(near: Protocol, far: Protocol, trunkBytes: number) {
    this.near = near
    this.far = far
    this.trunkBytes = trunkBytes
  }

  connected(client: ClientId, out: Outbox, role: Role): void {
    this.near.connected(client, out, role)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    this.near.received(client, chunk, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.near.disconnected(client, out)
  }

  heldBytes(client: ClientId): number {
    return this.near.heldBytes(client)
  }
}

/**
 * Runs `TwoEnds` on two servers of one pattern. Clients come to the near and to the far one by turns, in the order in which they connect.
 * Throws TypeError for any other protocol.
 */
export function backToBack(pattern: Pattern): Pattern {
  return {
    ...pattern,
    serve(protocol, listener, options = {}) {
      if (!(protocol instanceof TwoEnds)) throw new TypeError('two ends are served back to back, and nothing else')
      return new BothServers(pattern, protocol, listener, options)
    },
  }
}

class BothServers implements Server {
  readonly #near: Server
  readonly #far: Server
  readonly #now: () => number

  constructor(pattern: Pattern, { near, far, trunkBytes }: TwoEnds, listener: Listener, options: ServeOptions) {
    const { clock } = options
    const ends = [new LocalListener(), new LocalListener()] as const
    this.#near = pattern.serve(near, ends[0], options)
    this.#far = pattern.serve(far, ends[1], options)
    this.#now = () => clock?.now() ?? 0
    const trunk = pair({ capacity: trunkBytes, ...(clock && { clock }) })
    ends[0].bring(trunk[0], 'trunk')
    ends[1].bring(trunk[1], 'trunk')
    let count = 0
    listener.on('connection', (socket) => {
      const isNear = count++ % 2 === 0
      ends[isNear ? 0 : 1].bring(socket, isNear ? 'opener' : 'acceptor')
    })
  }

  /** The near one's, with the clients of both counted as accepted, and no trunk. */
  statistics(): ReturnType<Server['statistics']> {
    const [near, far] = [this.#near.statistics(), this.#far.statistics()]
    const accepted = near.connections.accepted + far.connections.accepted - 2 * TRUNK
    return { ...near, connections: { ...near.connections, accepted } }
  }

  /** Of both, as one graph: who waits for the other end to read waits for its loop that reads the trunk. */
  get waits(): WaitForGraph {
    const both = new WaitForGraph(this.#now)
    for (const { who, what } of this.#near.waits.edges()) both.begin(partyAt('near', who), resourceAt('near', what))
    for (const { who, what } of this.#far.waits.edges()) both.begin(partyAt('far', who), resourceAt('far', what))
    return both
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#near.shutdown(), this.#far.shutdown()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }
}

type Side = 'near' | 'far'

const OTHER: Readonly<Record<Side, Side>> = { near: 'far', far: 'near' }

function partyAt(side: Side, party: Party): Party {
  if (party.kind === 'task') {
    const of = party.of === undefined ? '' : ` of ${nameAt(side, party.of)}`
    return { kind: 'task', name: `${side} ${party.name}${of}` }
  }
  return { kind: 'task', name: nameAt(side, party.id) }
}

/** Not by its id: those of the two ends overlap. */
function nameAt(side: Side, id: ClientId): string {
  return id === TRUNK ? `${side} trunk` : `${side} stream ${id - TRUNK}`
}

function resourceAt(side: Side, what: Resource): Resource {
  switch (what.kind) {
    case 'lock':
      return {
        ...what,
        name: `${side} ${what.name}`,
        holder: () => {
          const holder = what.holder()
          return holder && partyAt(side, holder)
        },
      }
    case 'channel':
      return { ...what, name: `${side} ${what.name}`, receiver: partyAt(side, what.receiver) }
    case 'reading':
    case 'room': {
      if (what.client !== TRUNK) return { kind: 'named', name: `${nameAt(side, what.client)} to read` }
      const holder = partyAt(OTHER[side], { kind: 'client', id: TRUNK })
      return {
        kind: 'named',
        name: `the ${OTHER[side]} end to read, by ${nameAt(OTHER[side], TRUNK)}`,
        holder: () => holder,
      }
    }
    case 'named': {
      const holder = what.holder?.()
      return { ...what, ...(holder && { holder: () => partyAt(side, holder) }) }
    }
    case 'input':
    case 'memory':
    case 'commit':
      return what
  }
}

class LocalListener extends EventEmitter<{ connection: [socket: Duplex]; error: [error: Error] }> implements Listener {
  readonly #roles = new WeakMap<Duplex, Role>()

  bring(socket: Duplex, role: Role): void {
    this.#roles.set(socket, role)
    this.emit('connection', socket)
  }

  roleOf(socket: Duplex): Role {
    return this.#roles.get(socket) ?? 'trunk'
  }

  close(): void {}
}
