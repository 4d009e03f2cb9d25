import { forwardingOutbox } from '@switchyard/core'
import type { ClientId, Limits, Outbox, Protocol } from '@switchyard/core'
import { Router } from '../../src/index.ts'

/** What a router can do wrong; each is a line below. */
export type RouterFault =
  | 'gives one id to all'
  | 'greets before the id'
  | 'sends the newest first'
  | 'sends each message twice'
  | 'sends to a neighbour too'
  | 'sends the id along'
  | 'ends messages with a newline too'
  | 'ignores messages to oneself'
  | 'forwards before the NUL'
  | 'forwards what a FIN cut'
  | 'ends whoever names nobody'
  | 'has no limit for messages'
  | 'ends messages of half the limit'

const NUL = 0
const ID_BYTES = 4

interface Send {
  readonly to: ClientId
  readonly bytes: Uint8Array
}

/** The router, and between it and its outbox a fault. */
export class FaultyRouter implements Protocol {
  readonly #router: Router
  readonly #fault: RouterFault
  readonly #connected = new Set<ClientId>()
  readonly #unfinished = new Map<ClientId, Uint8Array>()

  constructor(fault: RouterFault, limits: Limits) {
    this.#fault = fault
    const { messageBytesMax } = limits
    const most =
      fault === 'has no limit for messages'
        ? 10 * messageBytesMax
        : fault === 'ends messages of half the limit'
          ? messageBytesMax / 2
          : messageBytesMax
    this.#router = new Router({ messageBytesMax: most })
  }

  connected(client: ClientId, out: Outbox): void {
    this.#connected.add(client)
    if (this.#fault === 'greets before the id') out.send(client, Uint8Array.of(0x68, NUL))
    if (this.#fault === 'gives one id to all') out.send(client, Uint8Array.of(0, 0, 0, 1))
    else this.#router.connected(client, out)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    const held = this.#unfinished.get(client) ?? new Uint8Array(0)
    const all = Uint8Array.of(...held, ...chunk)
    const nul = all.lastIndexOf(NUL)
    const rest = all.subarray(nul >= ID_BYTES ? nul + 1 : 0)
    this.#unfinished.set(client, rest)
    const sends: Send[] = []
    this.#router.received(client, chunk, forwardingOutbox(out, collected(sends)))
    for (const send of this.#fault === 'sends the newest first' ? sends.toReversed() : sends)
      this.#send(client, send, out)
    if (this.#fault === 'forwards before the NUL' && rest.length > ID_BYTES) {
      out.send(idOf(rest), rest.subarray(ID_BYTES))
    }
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.#connected.delete(client)
    this.#router.disconnected(client)
    const rest = this.#unfinished.get(client)
    if (this.#fault === 'forwards what a FIN cut' && rest && rest.length > ID_BYTES) {
      out.send(idOf(rest), Uint8Array.of(...rest.subarray(ID_BYTES), NUL))
    }
  }

  heldBytes(client: ClientId): number {
    return this.#router.heldBytes(client)
  }

  #send(from: ClientId, { to, bytes }: Send, out: Outbox): void {
    if (this.#fault === 'ignores messages to oneself' && to === from) return
    if (this.#fault === 'ends whoever names nobody' && !this.#connected.has(to)) return out.abort(from, 'reset')
    if (this.#fault === 'sends the id along') out.send(to, Uint8Array.of(0, 0, 0, to))
    if (this.#fault === 'ends messages with a newline too')
      out.send(to, Uint8Array.of(...bytes.subarray(0, -1), 0x0a, NUL))
    else out.send(to, bytes)
    if (this.#fault === 'sends each message twice') out.send(to, bytes)
    const neighbour = [...this.#connected].find((id) => id !== to)
    if (this.#fault === 'sends to a neighbour too' && neighbour) out.send(neighbour, bytes)
  }
}

function collected(sends: Send[]): Partial<Outbox> {
  return {
    apart: true,
    send: (to, bytes, start, end) => void sends.push({ to, bytes: bytes.slice(start, end) }),
    give: (to, bytes) => void sends.push({ to, bytes }),
  }
}

function idOf(bytes: Uint8Array): ClientId {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}
