/**
 * The router: a message names a client by its id, and goes to that client (PROTOCOL, sections 1, 3 and 5).
 *
 * Idea       A message ends at the first NUL behind its id; it is sent from where it lies in the chunk.
 * Order      That of the bytes: what one client sends, to whomever, leaves in the order in which it came.
 * Price      A message that a chunk's end cuts is copied once more, into memory that it holds until its NUL comes.
 * Read       from `received` down.
 */
import type { ClientId, Outbox, Protocol } from '@switchyard/core'
import { SHORT_BYTES_MAX, ShortMessages } from './short-messages.ts'
import { sorter, SORTED_BYTES_MAX, SORTED_CHUNK_BYTES_MIN } from './sorter.ts'
import type { Sorter } from './sorter.ts'
import { UnfinishedMessage } from './unfinished-message.ts'
import { encodeId, ID_BYTES, isTooLong, messageBytesMaxOf, readId, Scan } from './wire.ts'
import type { MessageLimits } from './wire.ts'

/**
 * The most memory that is kept for the next cut message: two pieces in all, a short and a long one, not one for each client.
 * A message of 64 KiB is always cut; with new memory for each, most of a server's time went to the collector (measured:
 * 120 us a message instead of 45).
 */
const SPARE_BYTES_MAX = { short: 4 * 1024, long: 128 * 1024 } as const

/** The verbs that the router uses. */
export type RouterOutbox = Pick<Outbox, 'apart' | 'send' | 'abort'>

export class Router implements Protocol {
  readonly #messageBytesMax: number
  readonly #sorter: Sorter | null
  readonly #sortedBytesMax: number
  /** An idle client costs nothing: only those in the middle of a long message are here, and those about to end over one. */
  readonly #unfinished = new Map<ClientId, UnfinishedMessage | 'too-long'>()
  /** In the middle of a short one. */
  readonly #short = new ShortMessages()
  /** What short ones pass through. It holds no more than the longest of them. */
  #scratch: UnfinishedMessage | undefined
  /** Empty. A chunk mostly ends one cut message and begins another: the second takes over the memory of the first. */
  readonly #spares: { short?: UnfinishedMessage | undefined; long?: UnfinishedMessage | undefined } = {}

  /** Throws RangeError if the limit is out of range. Without a sorter, `null`, each message is sent by itself. */
  constructor(limits: MessageLimits, sortedBy: Sorter | null = sorter) {
    this.#messageBytesMax = messageBytesMaxOf(limits)
    this.#sorter = sortedBy
    this.#sortedBytesMax = Math.min(SORTED_BYTES_MAX, this.#messageBytesMax)
  }

  connected(client: ClientId, out: RouterOutbox): void {
    out.send(client, encodeId(client))
  }

  /** Sends each message whose NUL `chunk` brings. Whether somebody has the id that it names is the outbox's affair. */
  received(client: ClientId, chunk: Uint8Array, out: RouterOutbox): void {
    const unfinished = this.#unfinished.get(client) ?? (this.#short.has(client) ? 'short' : undefined)
    if (unfinished === 'too-long') return
    const scan = new Scan(chunk)
    let start = unfinished === undefined ? 0 : this.#resume(client, unfinished, chunk, scan, out)
    while (start < chunk.length) {
      const body = start + ID_BYTES
      const nul = scan.indexOfNul(body)
      if (nul === -1) return this.#keep(client, chunk.subarray(start), out)
      const end = nul + 1
      if (isTooLong(end - body, true, this.#messageBytesMax)) return this.#abort(client, out)
      out.send(scan.idAt(start), chunk, body, end)
      start = this.#sort(scan, end, end - body, out)
    }
  }

  /** Behind a short message there are mostly more of them. Returns where in the chunk the sorter stopped. */
  #sort(scan: Scan, start: number, latestBytes: number, out: RouterOutbox): number {
    if (!this.#sorter || latestBytes > SORTED_BYTES_MAX || out.apart) return start
    if (scan.bytes.length - start < SORTED_CHUNK_BYTES_MIN) return start
    return this.#sorter.send(scan, start, this.#sortedBytesMax, out)
  }

  disconnected(client: ClientId): void {
    this.#unfinished.delete(client)
    this.#short.take(client)
  }

  /** The capacity that an unfinished message has, from the first byte of its id on. */
  heldBytes(client: ClientId): number {
    const unfinished = this.#unfinished.get(client)
    if (unfinished === 'too-long') return 0
    return unfinished?.capacity ?? this.#short.heldBytes(client)
  }

  /** Goes on with a message that an earlier chunk began. Returns where in `chunk` the next one begins. */
  #resume(
    client: ClientId,
    held: UnfinishedMessage | 'short',
    chunk: Uint8Array,
    scan: Scan,
    out: RouterOutbox,
  ): number {
    const length = held === 'short' ? this.#short.lengthOf(client) : held.length
    // A zero byte of the id is no NUL; of the body, only what is new is looked at.
    const nul = scan.indexOfNul(Math.max(0, ID_BYTES - length))
    const complete = nul !== -1
    const end = complete ? nul + 1 : chunk.length
    if (isTooLong(length + end - ID_BYTES, complete, this.#messageBytesMax)) {
      this.#abort(client, out)
      return chunk.length
    }
    const part = chunk.subarray(0, end)
    if (held === 'short' && !complete && this.#short.append(client, part)) return end
    const message = held === 'short' ? this.#takeShort(client) : held
    message.append(part, complete)
    if (complete) {
      this.#unfinished.delete(client)
      this.#deliver(message, out)
    } else this.#hold(client, message)
    return end
  }

  /** Keeps the beginning of a message until the next chunk. */
  #keep(client: ClientId, beginning: Uint8Array, out: RouterOutbox): void {
    if (isTooLong(beginning.length - ID_BYTES, false, this.#messageBytesMax)) return this.#abort(client, out)
    const size = sizeOf(beginning.length)
    const message = this.#spares[size] ?? this.#empty()
    this.#spares[size] = undefined
    message.append(beginning, false)
    this.#hold(client, message)
  }

  /** Until the next chunk of this client. */
  #hold(client: ClientId, message: UnfinishedMessage): void {
    if (message.capacity > SHORT_BYTES_MAX) return void this.#unfinished.set(client, message)
    this.#short.put(client, message)
    this.#scratch = message
  }

  #takeShort(client: ClientId): UnfinishedMessage {
    const message = this.#empty()
    this.#short.take(client, message)
    return message
  }

  #empty(): UnfinishedMessage {
    const message = this.#scratch ?? new UnfinishedMessage(ID_BYTES + this.#messageBytesMax)
    this.#scratch = undefined
    message.begin(0)
    return message
  }

  /** Sends an assembled message. Its memory becomes the spare, or is freed. */
  #deliver(message: UnfinishedMessage, out: RouterOutbox): void {
    const { bytes, capacity } = message
    out.send(readId(bytes, 0), bytes, ID_BYTES)
    if (capacity > SPARE_BYTES_MAX.long) return
    message.clear()
    this.#spares[sizeOf(capacity)] = message
  }

  /** R5.1. Frees what is held, and remembers until `disconnected` that nothing more of this client is a message. */
  #abort(client: ClientId, out: RouterOutbox): void {
    this.#short.take(client)
    this.#unfinished.set(client, 'too-long')
    out.abort(client, 'message-too-long')
  }
}

/** The memory of a long message does not serve a short one: it would be held for a few bytes. */
function sizeOf(bytes: number): 'short' | 'long' {
  return bytes > SPARE_BYTES_MAX.short ? 'long' : 'short'
}
