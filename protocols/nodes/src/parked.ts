import type { ClientId } from '@switchyard/core'

/** Short messages share a piece of memory: many of them would hold far more than their bytes. */
const PIECE_BYTES_MIN = 1024

interface Piece {
  readonly memory: Uint8Array
  used: number
  messages: number
}

/** What other nodes have sent to clients here whose queues are long: in front of the queue, since a full queue may stop a whole server. */
export class Parked {
  readonly #piecesOf = new Map<ClientId, Piece[]>()
  readonly #bytesOf = new Map<ClientId, number>()

  has(client: ClientId): boolean {
    return this.#piecesOf.has(client)
  }

  get clients(): readonly ClientId[] {
    return [...this.#piecesOf.keys()]
  }

  /** Memory that is held for a client. */
  heldBytes(client: ClientId): number {
    return this.#bytesOf.get(client) ?? 0
  }

  /** Copies whole messages behind those that are there. */
  add(client: ClientId, bytes: Uint8Array, messages: number): void {
    const pieces = this.#piecesOf.get(client) ?? []
    this.#piecesOf.set(client, pieces)
    let last = pieces.at(-1)
    if (!last || last.used + bytes.length > last.memory.length) {
      last = { memory: new Uint8Array(Math.max(bytes.length, PIECE_BYTES_MIN)), used: 0, messages: 0 }
      pieces.push(last)
      this.#bytesOf.set(client, this.heldBytes(client) + last.memory.length)
    }
    last.memory.set(bytes, last.used)
    last.used += bytes.length
    last.messages += messages
  }

  /** Hands over what is there, in order, for as long as `wanted` says so. */
  take(client: ClientId, wanted: () => boolean, take: (bytes: Uint8Array, messages: number) => void): void {
    const pieces = this.#piecesOf.get(client)
    if (!pieces) return
    let taken = 0
    for (const { memory, used, messages } of pieces) {
      if (!wanted()) break
      take(memory.subarray(0, used), messages)
      this.#bytesOf.set(client, this.heldBytes(client) - memory.length)
      taken++
    }
    pieces.splice(0, taken)
    if (pieces.length === 0) this.#forget(client)
  }

  /** Returns how many messages there were. */
  drop(client: ClientId): number {
    let dropped = 0
    for (const { messages } of this.#piecesOf.get(client) ?? []) dropped += messages
    this.#forget(client)
    return dropped
  }

  #forget(client: ClientId): void {
    this.#piecesOf.delete(client)
    this.#bytesOf.delete(client)
  }
}
