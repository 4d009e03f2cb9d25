import type { Incoming } from '@switchyard/harness'
import type { Stage, Workload } from '../generator.ts'
import { Times } from '../latencies.ts'
import type { Pair } from './pairs.ts'

/** Every pair has one message under way: to the receiver, and as soon as it is there, back to the sender. */
export function roundTrips(stage: Stage): Workload {
  const times = new Times()
  let measuring = false
  const exchanges = stage.pairs.map((pair) => new PingPong(pair, stage, (ms) => measuring && times.add(ms)))
  return {
    start: () => exchanges.forEach((exchange) => exchange.serve()),
    begin: () => {
      measuring = true
    },
    end: () => {
      measuring = false
    },
    finish: async () => void (await Promise.all(exchanges.map((exchange) => exchange.finish()))),
    arrived: () => exchanges.reduce((sum, { there, back }) => sum + there.messages + back.messages, 0),
    latencies: () => ({ response: times.encoded(), service: null, lag: null, offered: null }),
  }
}

class PingPong {
  readonly there: Incoming
  readonly back: Incoming
  readonly #sender: Pair['sender']
  readonly #message: Uint8Array
  #sentAtMs = 0
  #over = false
  #ended = (): void => {}

  constructor(
    { sender, receiver, fill }: Pair,
    { dialect, load, longestGap, fail }: Stage,
    took: (ms: number) => unknown,
  ) {
    const { messageBytes } = load
    const [out, answer] = [dialect.pair(sender, receiver), dialect.pair(receiver, sender)]
    const answers = answer.message(messageBytes, fill)
    const strange = (): void => fail(new Error('a client got other bytes than were sent to it'))
    this.#sender = sender
    this.#message = out.message(messageBytes, fill)
    this.there = out.incoming(messageBytes, fill)
    this.back = answer.incoming(messageBytes, fill)
    receiver.received = (bytes) => {
      if (!this.there.take(bytes)) strange()
      else if (this.there.whole) receiver.write(answers)
    }
    sender.received = (bytes) => {
      if (!this.back.take(bytes)) return strange()
      if (!this.back.whole) return
      const now = performance.now()
      longestGap.heard(now)
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
