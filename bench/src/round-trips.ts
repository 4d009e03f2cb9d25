import type { Workload } from './generator.ts'
import type { Pair } from './pairs.ts'
import { encodeMessage, Incoming } from './wire.ts'

/** Every pair has one message under way: to the receiver, and as soon as it is there, back to the sender. */
export function roundTrips(pairs: readonly Pair[], messageBytes: number, fail: (why: Error) => void): Workload {
  const roundTripsMs: number[] = []
  const rallies = pairs.map((pair) => new Rally(pair, messageBytes, roundTripsMs, fail))
  return {
    start: () => rallies.forEach((rally) => rally.serve()),
    finish: async () => void (await Promise.all(rallies.map((rally) => rally.finish()))),
    arrived: () => rallies.reduce((sum, rally) => sum + rally.there.messages + rally.back.messages, 0),
    roundTripsMs,
  }
}

class Rally {
  readonly there: Incoming
  readonly back: Incoming
  readonly #sender: Pair['sender']
  readonly #message: Buffer
  #sentAtMs = 0
  #over = false
  #ended = (): void => {}

  constructor({ sender, receiver, fill }: Pair, messageBytes: number, ms: number[], fail: (why: Error) => void) {
    const answer = encodeMessage(sender.id, messageBytes, fill)
    const strange = (): void => fail(new Error('a client got other bytes than were sent to it'))
    this.#sender = sender
    this.#message = encodeMessage(receiver.id, messageBytes, fill)
    this.there = new Incoming(messageBytes, fill)
    this.back = new Incoming(messageBytes, fill)
    receiver.received = (bytes) => {
      if (!this.there.take(bytes)) strange()
      else if (this.there.whole) receiver.write(answer)
    }
    sender.received = (bytes) => {
      if (!this.back.take(bytes)) return strange()
      if (!this.back.whole) return
      ms.push(performance.now() - this.#sentAtMs)
      if (this.#over) this.#ended()
      else this.serve()
    }
  }

  serve(): void {
    this.#sentAtMs = performance.now()
    this.#sender.write(this.#message)
  }

  /** The round trip that is under way ends; no other begins. */
  finish(): Promise<void> {
    this.#over = true
    return new Promise((resolve) => {
      this.#ended = resolve
    })
  }
}
