import type { ClientId } from '@switchyard/core'
import type { UnfinishedMessage } from './unfinished-message.ts'

/** From about as many bytes on, what an object and an array of its own take beside them is less than they are. */
export const SHORT_BYTES_MAX = 1024
const SLAB_BYTES = 4 * 1024
/** In front of a message's bytes: whose they are (4 bytes), how many (2), and how many have room (2). */
const HEADER_BYTES = 8
/** The sizes of pieces are multiples of it. */
const STEP_BYTES = 8
const SIZES = (SHORT_BYTES_MAX + HEADER_BYTES) / STEP_BYTES + 1

/**
 * The beginnings of short messages of many clients, side by side: with an object and an array for each, V8 and malloc take 300 to
 * 600 bytes beside a few bytes that have come (measured). Each size is dense: the last piece moves into the place of one that goes.
 */
export class ShortMessages {
  /** By their size in steps. */
  readonly #pieces: (Pieces | undefined)[] = []
  /** Index and size of a client's piece in one number: an object would take as much as the piece. */
  readonly #places = new Map<ClientId, number>()

  has(client: ClientId): boolean {
    return this.#places.size > 0 && this.#places.has(client)
  }

  /** The capacity of this client's message; 0 if there is none. */
  heldBytes(client: ClientId): number {
    const place = this.#places.get(client)
    return place === undefined ? 0 : this.#piecesAt(place).capacityAt(Math.floor(place / SIZES))
  }

  /** How many bytes have come; 0 if there is no message of this client. */
  lengthOf(client: ClientId): number {
    const place = this.#places.get(client)
    return place === undefined ? 0 : this.#piecesAt(place).lengthAt(Math.floor(place / SIZES))
  }

  /** Copies `part` behind what has come. False, and nothing, if it goes beyond the capacity. */
  append(client: ClientId, part: Uint8Array): boolean {
    const place = this.#places.get(client)
    return place !== undefined && this.#piecesAt(place).append(Math.floor(place / SIZES), part)
  }

  /** Copies what has come of a message, whose capacity is at most `SHORT_BYTES_MAX`. There is none here of this client. */
  put(client: ClientId, { bytes, capacity }: UnfinishedMessage): void {
    const size = Math.ceil((capacity + HEADER_BYTES) / STEP_BYTES)
    const pieces = (this.#pieces[size] ??= new Pieces(size * STEP_BYTES))
    this.#places.set(client, pieces.add(client, bytes, capacity) * SIZES + size)
  }

  /** Takes out what is here of this client: into `message`, if there is one. */
  take(client: ClientId, message?: UnfinishedMessage): void {
    const place = this.#places.get(client)
    if (place === undefined) return
    this.#places.delete(client)
    const pieces = this.#piecesAt(place)
    const index = Math.floor(place / SIZES)
    message?.begin(pieces.capacityAt(index))
    message?.append(pieces.at(index), false)
    const moved = pieces.remove(index)
    if (moved !== undefined) this.#places.set(moved, place)
  }

  #piecesAt(place: number): Pieces {
    return this.#pieces[place % SIZES]!
  }
}

/** Pieces of one size, in slabs that are full but for the last. */
class Pieces {
  readonly #bytes: number
  readonly #perSlab: number
  readonly #slabs: DataView<ArrayBuffer>[] = []
  #count = 0

  constructor(bytes: number) {
    this.#bytes = bytes
    this.#perSlab = Math.floor(SLAB_BYTES / bytes)
  }

  /** Returns its index. */
  add(owner: ClientId, beginning: Uint8Array, capacity: number): number {
    const index = this.#count++
    if (index === this.#slabs.length * this.#perSlab) this.#slabs.push(new DataView(new ArrayBuffer(SLAB_BYTES)))
    const slab = this.#slabOf(index)
    const start = this.#startOf(index)
    slab.setUint32(start, owner)
    slab.setUint16(start + 4, beginning.length)
    slab.setUint16(start + 6, capacity)
    new Uint8Array(slab.buffer, start + HEADER_BYTES).set(beginning)
    return index
  }

  /** A view, up to the next change. */
  at(index: number): Uint8Array {
    const slab = this.#slabOf(index)
    const start = this.#startOf(index)
    return new Uint8Array(slab.buffer, start + HEADER_BYTES, slab.getUint16(start + 4))
  }

  append(index: number, part: Uint8Array): boolean {
    const slab = this.#slabOf(index)
    const start = this.#startOf(index)
    const length = slab.getUint16(start + 4)
    if (length + part.length > slab.getUint16(start + 6)) return false
    slab.setUint16(start + 4, length + part.length)
    new Uint8Array(slab.buffer, start + HEADER_BYTES + length).set(part)
    return true
  }

  lengthAt(index: number): number {
    return this.#slabOf(index).getUint16(this.#startOf(index) + 4)
  }

  capacityAt(index: number): number {
    return this.#slabOf(index).getUint16(this.#startOf(index) + 6)
  }

  /** Returns whose piece has moved to `index`; undefined if none has. */
  remove(index: number): ClientId | undefined {
    const last = --this.#count
    const slab = this.#slabOf(index)
    const start = this.#startOf(index)
    if (index !== last) {
      const moving = new Uint8Array(this.#slabOf(last).buffer, this.#startOf(last), this.#bytes)
      new Uint8Array(slab.buffer).set(moving, start)
    }
    // One more than is needed stays, so that a client at the border of two slabs allocates nothing with each message.
    if ((this.#slabs.length - 1) * this.#perSlab > last + this.#perSlab) this.#slabs.pop()
    return index === last ? undefined : slab.getUint32(start)
  }

  #slabOf(index: number): DataView<ArrayBuffer> {
    return this.#slabs[Math.floor(index / this.#perSlab)]!
  }

  #startOf(index: number): number {
    return (index % this.#perSlab) * this.#bytes
  }
}
