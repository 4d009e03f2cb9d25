import { batchOf, EqualMessages } from '@switchyard/harness'
import type { Client, Incoming } from '@switchyard/harness'
import type { Stage, Workload } from '../generator.ts'
import type { Pair } from './pairs.ts'

/** Messages are written in bursts, encoded once: sending one costs the generator next to nothing. */
const BURST_BYTES = 64 * 1024

/**
 * What a sender has on its way, at most. So much keeps every server busy: four times as much made none faster. And it is
 * little enough that not even a server without bounds comes to hold much, and that what is on its way has soon arrived.
 */
const WINDOW_BURSTS = 4

/** Every sender keeps its window full. */
export function pipelined(stage: Stage): Workload {
  const { destinations = 'pair' } = stage.load
  const streams =
    destinations === 'pair' ? stage.pairs.map((pair) => new Stream([pair], stage)) : [new Stream(stage.pairs, stage)]
  return {
    start: () => streams.forEach((stream) => stream.fill()),
    begin: () => {},
    end: () => {},
    finish: async () => void (await Promise.all(streams.map((stream) => stream.finish()))),
    arrived: () => streams.reduce((sum, stream) => sum + stream.arrived, 0),
    latencies: () => null,
  }
}

/** Some senders, the receivers that their messages go to, and one window for all of them. */
class Stream {
  readonly #senders: readonly Sender[]
  readonly #incoming: readonly Incoming[]
  readonly #windowMessages: number
  readonly #burstMessages: number
  #sent = 0
  #arrived = 0
  #turn = 0
  #over = false
  #allArrived = (): void => {}

  constructor(pairs: readonly Pair[], { load, dialect, longestGap, fail }: Stage) {
    const { messageBytes, destinations = 'pair', windowBursts = WINDOW_BURSTS } = load
    const targets = destinations === 'hot' ? pairs.slice(0, 1) : pairs
    const messagesOf = (from: Client): Uint8Array[] =>
      targets.map(({ receiver, fill }) => dialect.pair(from, receiver).message(messageBytes, fill))
    const messages = messagesOf(pairs[0]!.sender)
    const fits = Math.max(1, Math.floor(BURST_BYTES / messages[0]!.length))
    const rounds = Math.ceil((load.burstMessages ?? fits) / messages.length)
    this.#burstMessages = rounds * messages.length
    this.#windowMessages = windowBursts * this.#burstMessages * pairs.length
    // Each sender begins with another receiver, so that they do not all go to the same one at the same time.
    this.#senders = pairs.map(({ sender }, index) => {
      const at = index % messages.length
      const own = messagesOf(sender)
      const round = Buffer.concat([...own.slice(at), ...own.slice(0, at)])
      return new Sender(sender, batchOf([round], rounds * round.length))
    })
    this.#incoming = pairs.map(({ sender, receiver, fill }) => {
      const talk = dialect.pair(sender, receiver)
      const incoming =
        dialect.routes || destinations === 'pair'
          ? talk.incoming(messageBytes, fill)
          : new EqualMessages(talk.message(messageBytes, fill), { checked: false })
      receiver.received = (bytes) => {
        const before = incoming.messages
        longestGap.heard(performance.now())
        if (!incoming.take(bytes)) return fail(new Error('a client got other bytes than were sent to it'))
        this.#arrived += incoming.messages - before
        if (this.#arrived > this.#sent) return fail(new Error('a client got more than was sent to it'))
        if (!this.#over) this.fill()
        else if (this.#complete) this.#allArrived()
      }
      return incoming
    })
  }

  /** Messages. */
  get arrived(): number {
    return this.#arrived
  }

  get #complete(): boolean {
    return this.#arrived === this.#sent && this.#incoming.every(({ whole }) => whole)
  }

  /** Senders take turns, but none gets a second burst while the operating system has not taken its first. */
  fill(): void {
    while (this.#sent - this.#arrived + this.#burstMessages <= this.#windowMessages) {
      const sender = this.#next()
      if (!sender) return
      this.#sent += this.#burstMessages
      sender.send(() => {
        if (!this.#over) this.fill()
      })
    }
  }

  /** Sends nothing more. Settles when all that was sent has arrived. */
  async finish(): Promise<void> {
    this.#over = true
    if (this.#complete) return
    await new Promise<void>((resolve) => {
      this.#allArrived = resolve
    })
  }

  #next(): Sender | undefined {
    for (let tried = 0; tried < this.#senders.length; tried++) {
      const sender = this.#senders[this.#turn++ % this.#senders.length]
      if (sender?.free) return sender
    }
    return undefined
  }
}

class Sender {
  free = true
  readonly #client: Client
  readonly #burst: Uint8Array

  constructor(client: Client, burst: Uint8Array) {
    this.#client = client
    this.#burst = burst
  }

  send(taken: () => void): void {
    this.free = false
    this.#client.write(this.#burst, () => {
      this.free = true
      taken()
    })
  }
}
