/**
 * EPMD: nodes register a name for as long as they stay connected; anybody asks where a name listens.
 *
 * Idea       A connection carries one request. The one that registers a name stays open, and its end frees the name.
 * Order      Of two clients that want the same name, the one whose step came first has it.
 * Price      A request that a chunk's end cuts is copied once more with each chunk: at most 3 KiB, and mostly never.
 * Read       from `received` down. Clauses are those of docs/protocols/epmd.md.
 */
import type { ClientId, Outbox, Protocol, Role } from '@switchyard/core'
import {
  aliveAnswer,
  aliveRefusal,
  decodeRequest,
  killAnswer,
  LENGTH_BYTES,
  listAnswer,
  portAnswer,
  readUint16,
  REQUEST_BYTES_MAX,
  stopAnswer,
} from './codec.ts'
import type { Node, Request } from './codec.ts'

export interface EpmdOptions {
  /** Where the server listens. NAMES and DUMP say it, and Erlang's clients compare it. */
  readonly port: number
  /** D2.8: the first registration's, from 4 to 2^32 - 1. */
  readonly firstCreation: number
  /** D1.7. Default: a minute. */
  readonly idleMs?: number | undefined
  /** D4.2, D4.3: whether a local client may end the server and other clients' registrations. Default: no. */
  readonly relaxed?: boolean
  /** Shuts the server down, once the step is over that calls it: KILL was answered with `OK`. Default: the answer is always `NO`. */
  readonly onKill?: () => void
}

const IDLE_MS = 60_000
const CREATION_MIN = 4
const CREATION_MAX = 2 ** 32 - 1
const NOTHING = new Uint8Array(0)

/** A client that has not been answered yet, or that has registered a name. */
interface Client {
  readonly local: boolean
  /** What has come of its request. */
  request: Uint8Array
  name?: string
}

interface Registration extends Node {
  readonly owner: ClientId
}

export class Epmd implements Protocol {
  readonly #options: EpmdOptions
  readonly #clients = new Map<ClientId, Client>()
  readonly #registrations = new Map<string, Registration>()
  /** When each client that has not been answered is idle for too long: the earliest first, since each may be idle equally long. */
  readonly #deadlines = new Map<ClientId, number>()
  #creation: number

  constructor(options: EpmdOptions) {
    this.#options = options
    this.#creation = options.firstCreation
  }

  connected(id: ClientId, out: Outbox, role: Role): void {
    this.#clients.set(id, { local: role !== 'remote', request: NOTHING })
    this.#beginIdle(id, out)
  }

  received(id: ClientId, chunk: Uint8Array, out: Outbox): void {
    const client = this.#clients.get(id)
    if (!client || chunk.length === 0) return // Closed: what it still sends is no request (D1.4).
    if (client.name !== undefined) return this.#close(id, out) // D2.7
    const bytes = client.request.length === 0 ? chunk : concat(client.request, chunk)
    const length = bytes.length < LENGTH_BYTES ? 0 : readUint16(bytes, 0)
    if (length > REQUEST_BYTES_MAX) return this.#close(id, out) // D1.2
    const end = LENGTH_BYTES + length
    if (bytes.length < end) {
      client.request = bytes.slice()
      return this.#beginIdle(id, out)
    }
    const request = decodeRequest(bytes.subarray(LENGTH_BYTES, end))
    if (request) this.#answer(id, client, request, out)
    if (client.name === undefined || bytes.length > end) this.#close(id, out) // D1.4, D2.7
  }

  disconnected(id: ClientId): void {
    this.#forget(id)
  }

  heldBytes(id: ClientId): number {
    return this.#clients.get(id)?.request.length ?? 0
  }

  /** D1.7. */
  woken(out: Outbox): void {
    for (const [id, deadline] of this.#deadlines) {
      if (deadline > out.now) return out.wakeAt(deadline)
      this.#close(id, out, 'idle')
    }
  }

  #answer(id: ClientId, client: Client, request: Request, out: Outbox): void {
    if (request.kind === 'port-please2') return out.give(id, portAnswer(this.#registrations.get(request.name)))
    if (request.kind === 'names') return this.#list(id, ({ name, port }) => `name ${name} at port ${port}\n`, out)
    if (!client.local) return // D4.1
    switch (request.kind) {
      case 'alive2':
        return this.#register(id, client, request.node, out)
      case 'alive2-unusable':
        return out.give(id, aliveRefusal(request.highestVersion))
      case 'dump': {
        return this.#list(
          id,
          ({ name, port, owner }) => `active name     <${name}> at port ${port}, fd = ${owner}\n\0`,
          out,
        )
      }
      case 'kill':
        return this.#kill(id, out)
      case 'stop':
        return this.#stop(id, request.name, out)
    }
  }

  #register(id: ClientId, client: Client, node: Node, out: Outbox): void {
    if (this.#registrations.has(node.name)) return out.give(id, aliveRefusal(node.highestVersion)) // D2.4
    client.name = node.name
    client.request = NOTHING
    this.#deadlines.delete(id)
    this.#registrations.set(node.name, { ...node, owner: id })
    out.give(id, aliveAnswer(node.highestVersion, this.#creation))
    this.#creation = this.#creation === CREATION_MAX ? CREATION_MIN : this.#creation + 1
  }

  #list(id: ClientId, line: (registration: Registration) => string, out: Outbox): void {
    out.give(id, listAnswer(this.#options.port, [...this.#registrations.values()].map(line)))
  }

  #kill(id: ClientId, out: Outbox): void {
    const { onKill, relaxed = false } = this.#options
    const allowed = onKill !== undefined && (relaxed || this.#registrations.size === 0)
    out.give(id, killAnswer(allowed))
    if (allowed) onKill()
  }

  #stop(id: ClientId, name: string, out: Outbox): void {
    if (!this.#options.relaxed) return
    const registration = this.#registrations.get(name)
    out.give(id, stopAnswer(registration !== undefined))
    if (registration) this.#close(registration.owner, out)
  }

  #beginIdle(id: ClientId, out: Outbox): void {
    const deadline = out.now + (this.#options.idleMs ?? IDLE_MS)
    this.#deadlines.delete(id) // So that it is entered behind the others again.
    this.#deadlines.set(id, deadline)
    out.wakeAt(deadline)
  }

  /** The name is free at once, and not only when the other end has closed too. */
  #close(id: ClientId, out: Outbox, why?: string): void {
    this.#forget(id)
    out.close(id, why)
  }

  #forget(id: ClientId): void {
    const name = this.#clients.get(id)?.name
    if (name !== undefined) this.#registrations.delete(name)
    this.#deadlines.delete(id)
    this.#clients.delete(id)
  }
}

function concat(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}
