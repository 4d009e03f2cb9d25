import type { Workload } from './generator.ts'
import type { Pair } from './pairs.ts'
import { encodeMessage, Incoming, repeat } from './wire.ts'

/** Messages are written in batches, encoded once: sending one costs the generator next to nothing. */
const BATCH_BYTES = 64 * 1024

/**
 * What a pair has on its way, at most. So much keeps every server busy: four times as much made none faster. And it is
 * little enough that not even a server without bounds comes to hold much, and that what is on its way has soon arrived.
 */
const WINDOW_BYTES = 4 * BATCH_BYTES

/** Every sender keeps its receiver's stream full. */
export function pipelined(pairs: readonly Pair[], messageBytes: number, fail: (why: Error) => void): Workload {
  const streams = pairs.map((pair) => new Stream(pair, messageBytes, fail))
  return {
    start: () => streams.forEach((stream) => stream.fill()),
    finish: async () => void (await Promise.all(streams.map((stream) => stream.finish()))),
    arrived: () => streams.reduce((sum, stream) => sum + stream.arrived, 0),
    roundTripsMs: [],
  }
}

/** The messages of one pair. */
class Stream {
  readonly #sender: Pair['sender']
  readonly #incoming: Incoming
  readonly #batch: Buffer
  /** What a batch comes to at its receiver. */
  readonly #batchBytes: number
  readonly #windowBytes: number
  #sentBytes = 0
  #over = false
  #allArrived = (): void => {}

  constructor(pair: Pair, messageBytes: number, fail: (why: Error) => void) {
    const { sender, receiver, fill } = pair
    const message = encodeMessage(receiver.id, messageBytes, fill)
    this.#sender = sender
    this.#incoming = new Incoming(messageBytes, fill)
    this.#batch = repeat(message, BATCH_BYTES)
    this.#batchBytes = (this.#batch.length / message.length) * messageBytes
    this.#windowBytes = Math.max(WINDOW_BYTES, 2 * this.#batchBytes)
    receiver.received = (bytes) => {
      if (!this.#incoming.take(bytes)) return fail(new Error('a client got other bytes than were sent to it'))
      if (this.#incoming.bytes > this.#sentBytes) return fail(new Error('a client got more than was sent to it'))
      if (!this.#over) this.fill()
      else if (this.#incoming.bytes === this.#sentBytes) this.#allArrived()
    }
  }

  /** Messages. */
  get arrived(): number {
    return this.#incoming.messages
  }

  fill(): void {
    while (this.#sentBytes - this.#incoming.bytes + this.#batchBytes <= this.#windowBytes) {
      this.#sentBytes += this.#batchBytes
      this.#sender.write(this.#batch)
    }
  }

  /** Sends nothing more. Settles when all that was sent has arrived. */
  async finish(): Promise<void> {
    this.#over = true
    if (this.#incoming.bytes < this.#sentBytes) {
      await new Promise<void>((resolve) => {
        this.#allArrived = resolve
      })
    }
  }
}
