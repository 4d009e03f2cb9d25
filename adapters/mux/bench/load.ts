// Clients of an echo server that speaks yamux, on one connection: no library's, so that what is measured is the server.
import { Socket } from 'node:net'
import {
  dataFrame,
  DATA,
  frame,
  HEADER_BYTES,
  headerIn,
  SYN,
  WINDOW_BYTES,
  WINDOW_UPDATE,
} from '@switchyard/protocols/mux'

/** A message of a round trip, and a frame of bulk. */
const MESSAGE_BYTES = 32
const FRAME_BYTES = 32 * 1024
/** Until so much lies in the process, frames are written. */
const WRITTEN_MAX = 1024 * 1024
const GRANT_BYTES = WINDOW_BYTES / 2
const MESSAGE = new Uint8Array(MESSAGE_BYTES)
const FRAME = new Uint8Array(FRAME_BYTES)
/** Sent at the stream that is stalled, as far as it is let. */
const STALLED_BYTES = 4 * 1024 * 1024

export interface Load {
  readonly streams: number
  readonly kind: 'round-trips' | 'bulk'
  /** One stream more, which is sent to and never granted anything. */
  readonly stalled: boolean
}

/** Of the time between `begin` and `end`. */
export interface Carried {
  readonly seconds: number
  /** Round trips, or bytes that have come back. */
  readonly count: number
  /** 99 of 100 round trips take no longer; NaN for bulk. */
  readonly p99Ms: number
  /** Jain's index of what the streams had. */
  readonly fairness: number
}

interface Stream {
  readonly id: number
  /** Bytes that may be sent. */
  credit: number
  /** Bytes that have come and were not granted anew. */
  owed: number
  /** Bytes that have come of the message under way. */
  came: number
  sentAt: number
  /** Round trips, or bytes, since `begin`. */
  count: number
  /** Left to send; bulk has no end. */
  left: number
  readonly stalled: boolean
}

export class Peer {
  readonly #socket = new Socket()
  readonly #load: Load
  readonly #streams = new Map<number, Stream>()
  readonly #header = new Uint8Array(HEADER_BYTES)
  #headerBytes = 0
  #body = 0
  /** The stream whose turn it is to send bulk. */
  #next = 0
  #current: Stream | undefined
  #latencies: number[] = []
  #begunAt = 0

  constructor(load: Load) {
    this.#load = load
  }

  async connect(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject).setNoDelay(true).connect({ port, host: '127.0.0.1' }, resolve)
    })
    this.#socket.on('data', (chunk) => this.#received(chunk))
    this.#socket.on('drain', () => this.#fill())
    this.#socket.cork()
    if (this.#load.stalled) this.#open(STALLED_BYTES, true)
    const left = this.#load.kind === 'bulk' ? Number.POSITIVE_INFINITY : 0
    for (let count = 0; count < this.#load.streams; count++) this.#open(left, false)
    for (const stream of this.#streams.values())
      if (!stream.stalled && this.#load.kind === 'round-trips') this.#ask(stream)
    this.#socket.uncork()
    this.#fill()
  }

  begin(): void {
    this.#latencies = []
    for (const stream of this.#streams.values()) stream.count = 0
    this.#begunAt = performance.now()
  }

  end(): Carried {
    const seconds = (performance.now() - this.#begunAt) / 1000
    const counts = [...this.#streams.values()].filter(({ stalled }) => !stalled).map(({ count }) => count)
    this.#socket.destroy()
    const sum = counts.reduce((total, count) => total + count, 0)
    const squares = counts.reduce((total, count) => total + count * count, 0)
    const sorted = this.#latencies.toSorted((one, other) => one - other)
    return {
      seconds,
      count: sum,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      fairness: (sum * sum) / (counts.length * squares),
    }
  }

  #open(left: number, stalled: boolean): void {
    const id = 2 * this.#streams.size + 1
    this.#streams.set(id, { id, credit: WINDOW_BYTES, owed: 0, came: 0, sentAt: 0, count: 0, left, stalled })
    this.#socket.write(frame(WINDOW_UPDATE, SYN, id, 0))
  }

  #ask(stream: Stream): void {
    stream.sentAt = performance.now()
    stream.credit -= MESSAGE_BYTES
    this.#socket.write(dataFrame(stream.id, MESSAGE))
  }

  /** A frame for each stream in turn, from where it stopped, as long as windows and the socket take them. */
  #fill(): void {
    this.#socket.cork()
    const { size } = this.#streams
    for (
      let idle = 0;
      idle < size && this.#socket.writableLength <= WRITTEN_MAX;
      this.#next = (this.#next + 1) % size
    ) {
      const stream = this.#streams.get(2 * this.#next + 1)
      const length = stream ? Math.min(stream.left, stream.credit, FRAME_BYTES) : 0
      idle++
      if (!stream || length === 0) continue
      idle = 0
      stream.credit -= length
      stream.left -= length
      this.#socket.write(frame(DATA, 0, stream.id, length))
      this.#socket.write(FRAME.subarray(0, length))
    }
    this.#socket.uncork()
  }

  #received(chunk: Uint8Array): void {
    this.#socket.cork()
    for (let at = 0; at < chunk.length;) {
      if (this.#body > 0) {
        const count = Math.min(this.#body, chunk.length - at)
        this.#body -= count
        at += count
        if (this.#current) this.#came(this.#current, count)
        continue
      }
      const count = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at)
      this.#header.set(chunk.subarray(at, at + count), this.#headerBytes)
      this.#headerBytes += count
      at += count
      if (this.#headerBytes === HEADER_BYTES) this.#frame()
    }
    this.#fill()
    this.#socket.uncork()
  }

  #frame(): void {
    this.#headerBytes = 0
    const { type, stream: id, length } = headerIn(this.#header)
    this.#current = this.#streams.get(id)
    if (type === DATA) this.#body = length
    else if (type === WINDOW_UPDATE && this.#current) this.#current.credit += length
  }

  #came(stream: Stream, bytes: number): void {
    if (stream.stalled) return
    stream.owed += bytes
    if (stream.owed >= GRANT_BYTES) {
      this.#socket.write(frame(WINDOW_UPDATE, 0, stream.id, stream.owed))
      stream.owed = 0
    }
    if (this.#load.kind === 'bulk') {
      stream.count += bytes
      return
    }
    stream.came += bytes
    if (stream.came < MESSAGE_BYTES) return
    stream.came = 0
    stream.count++
    this.#latencies.push(performance.now() - stream.sentAt)
    this.#ask(stream)
  }
}
