/** Bytes kept from the beginning of each direction of each client, and as many from its end. */
const KEPT_BYTES = 96
/** So many of what else a client did or met are kept: it may pause and resume without end. */
const KEPT_MARKS = 64

export type Direction = 'sent' | 'received'

/** What happens to a client beside bytes. `fin` and `reset` come from the server; the rest the client does itself. */
export type Mark = 'connected' | 'paused' | 'resumed' | 'sent-fin' | 'sent-reset' | 'fin' | 'reset'

interface Bytes {
  readonly client: string
  /** Since the case began. */
  readonly atMs: number
  /** Where in its direction the first of these bytes stands, counted from 0. */
  readonly from: number
  readonly hex: string
}

/** One line of what went over the wire, as a client saw it. Plain data, so that a report can be stored. */
export type WireEvent =
  | ({ readonly kind: 'sent' } & Bytes)
  | ({ readonly kind: 'received' } & Bytes)
  /** So many bytes of this direction are not kept; they stood here. */
  | {
      readonly kind: 'left-out'
      readonly client: string
      readonly atMs: number
      readonly direction: Direction
      readonly bytes: number
    }
  | { readonly kind: 'id'; readonly client: string; readonly atMs: number; readonly id: number }
  | { readonly kind: Mark; readonly client: string; readonly atMs: number }

/** What the clients of one case did and met, in one order: bounded, however much they send. */
export class WireLog {
  readonly #now: () => number
  readonly #startMs: number
  readonly #clients: ClientLog[] = []
  #count = 0

  constructor(now: () => number) {
    this.#now = now
    this.#startMs = now()
  }

  /** The part of one client, which writes it. */
  client(name: string): ClientLog {
    const log = new ClientLog(name, () => ({ order: this.#count++, atMs: this.#now() - this.#startMs }))
    this.#clients.push(log)
    return log
  }

  events(): readonly WireEvent[] {
    return this.#clients
      .flatMap((client) => client.entries())
      .toSorted((a, b) => a.order - b.order)
      .map(({ event }) => event)
  }
}

interface Moment {
  readonly order: number
  readonly atMs: number
}

interface Entry {
  readonly order: number
  readonly event: WireEvent
}

export class ClientLog {
  readonly #name: string
  readonly #moment: () => Moment
  readonly #directions: Readonly<Record<Direction, DirectionLog>> = {
    sent: new DirectionLog(),
    received: new DirectionLog(),
  }
  readonly #marks: Entry[] = []

  constructor(name: string, moment: () => Moment) {
    this.#name = name
    this.#moment = moment
  }

  bytes(direction: Direction, bytes: Uint8Array): void {
    this.#directions[direction].push(bytes, this.#moment())
  }

  mark(kind: Mark): void {
    if (this.#marks.length >= KEPT_MARKS) return
    const { order, atMs } = this.#moment()
    this.#marks.push({ order, event: { kind, client: this.#name, atMs } })
  }

  id(id: number): void {
    const { order, atMs } = this.#moment()
    this.#marks.push({ order, event: { kind: 'id', client: this.#name, atMs, id } })
  }

  entries(): readonly Entry[] {
    const bytes = Object.entries(this.#directions).flatMap(([direction, log]) =>
      log.entries(this.#name, direction === 'sent' ? 'sent' : 'received'),
    )
    return [...this.#marks, ...bytes]
  }
}

interface Piece {
  readonly moment: Moment
  readonly from: number
  readonly bytes: Uint8Array
}

/** The first and the last bytes of one direction. */
class DirectionLog {
  readonly #head: Piece[] = []
  readonly #tail: Piece[] = []
  #length = 0
  #tailBytes = 0

  /** Copies what it keeps: `bytes` is a view of a chunk that would otherwise stay in memory with it. */
  push(bytes: Uint8Array, moment: Moment): void {
    const headLeft = Math.max(0, KEPT_BYTES - this.#length)
    const head = bytes.slice(0, headLeft)
    if (head.length > 0) this.#head.push({ moment, from: this.#length, bytes: head })
    const tail = bytes.slice(Math.max(headLeft, bytes.length - KEPT_BYTES))
    if (tail.length > 0) {
      this.#tail.push({ moment, from: this.#length + bytes.length - tail.length, bytes: tail })
      this.#tailBytes += tail.length
    }
    this.#length += bytes.length
    for (let [first] = this.#tail; first && this.#tailBytes - first.bytes.length >= KEPT_BYTES; [first] = this.#tail) {
      this.#tailBytes -= first.bytes.length
      this.#tail.shift()
    }
  }

  entries(client: string, direction: Direction): Entry[] {
    let end = 0
    return [...this.#head, ...this.#tail].flatMap(({ moment: { order, atMs }, from, bytes }) => {
      const missing = from - end
      end = from + bytes.length
      const event: WireEvent = { kind: direction, client, atMs, from, hex: Buffer.from(bytes).toString('hex') }
      if (missing === 0) return [{ order, event }]
      return [
        { order, event: { kind: 'left-out', client, atMs, direction, bytes: missing } },
        { order, event },
      ]
    })
  }
}
