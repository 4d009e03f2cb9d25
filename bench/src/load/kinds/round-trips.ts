import type { Stage, Workload } from '../generator.ts'
import { Times } from '../latencies.ts'
import type { Pair } from './pairs.ts'
import { Incoming } from '../wire.ts'

/** Every pair has one message under way: to the receiver, and as soon as it is there, back to the sender. */
export function roundTrips(stage: Stage): Workload {
  const times = new Times()
  let measuring = false
  const rallies = stage.pairs.map((pair) => new Rally(pair, stage, (ms) => measuring && times.add(ms)))
  return {
    start: () => rallies.forEach((rally) => rally.serve()),
    begin: () => {
      measuring = true
    },
    end: () => {
      measuring = false
    },
    finish: async () => void (await Promise.all(rallies.map((rally) => rally.finish()))),
    arrived: () => rallies.reduce((sum, rally) => sum + rally.there.messages + rally.back.messages, 0),
    latencies: () => ({ response: times.encoded(), service: null, lag: null, offered: null }),
  }
}

class Rally {
  readonly there: Incoming
  readonly back: Incoming
  readonly #sender: Pair['sender']
  readonly #message: Uint8Array
  #sentAtMs = 0
  #over = false
  #ended = (): void => {}

  constructor(
    { sender, receiver, fill }: Pair,
    { dialect, load, silence, fail }: Stage,
    took: (ms: number) => unknown,
  ) {
    const { messageBytes } = load
    const answer = dialect.encode(sender.id, messageBytes, fill)
    const strange = (): void => fail(new Error('a client got other bytes than were sent to it'))
    this.#sender = sender
    this.#message = dialect.encode(receiver.id, messageBytes, fill)
    this.there = new Incoming(dialect.arriving(receiver.id, messageBytes, fill))
    this.back = new Incoming(dialect.arriving(sender.id, messageBytes, fill))
    receiver.received = (bytes) => {
      if (!this.there.take(bytes)) strange()
      else if (this.there.whole) receiver.write(answer)
    }
    sender.received = (bytes) => {
      if (!this.back.take(bytes)) return strange()
      if (!this.back.whole) return
      const now = performance.now()
      silence.heard(now)
      took(now - this.#sentAtMs)
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
