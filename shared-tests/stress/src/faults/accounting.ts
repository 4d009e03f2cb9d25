import { forwardingOutbox, forwardingProtocol, withOutbox } from '@switchyard/core'
import type { Close, ClientId, Outbox, Protocol, StatisticsSnapshot } from '@switchyard/core'

/** So many, and their bytes. */
export interface Sum {
  readonly count: number
  readonly bytes: number
}

/** The ledger of one run. What a server sends, its greetings too, counts as a message. */
export interface Ledger {
  /** What the protocol sent, as counted around the protocol; without what it offered and was refused. */
  readonly decided: Sum
  /** Accepted whole by the operating system. */
  readonly handedOver: Sum
  readonly notConnected: Sum
  /** Discarded by an abort; of a message that was cut there, the rest. */
  readonly aborted: Sum
  /** What is left: 0 at the end of a run. */
  readonly queued: number
}

/** Where bytes that wait for the operating system can be, by capacity. */
const QUEUING = ['channels', 'mailboxes', 'queues', 'sockets'] as const

/** What a protocol decides, written down beside its server: the server's own counts are held against it. */
export class Accounting {
  readonly #lengths = new Map<ClientId, number[]>()
  readonly #sent = new Map<ClientId, Uint8Array[]>()
  readonly #given = new Map<ClientId, number>()
  readonly #keepsBytes: boolean
  #decided = 0
  #decidedBytes = 0

  /** `keepsBytes`: for `sentTo`. */
  constructor(keepsBytes = false) {
    this.#keepsBytes = keepsBytes
  }

  /** What the server has to run instead of `protocol`. */
  watch(protocol: Protocol): Protocol {
    const noted = withOutbox(protocol, (out) => this.#noted(out))
    return forwardingProtocol(noted, {
      received: (client, chunk, out) => {
        this.#given.set(client, this.givenOf(client) + chunk.length)
        noted.received(client, chunk, out)
      },
    })
  }

  /** How many bytes of a client the protocol has been given. */
  givenOf(client: ClientId): number {
    return this.#given.get(client) ?? 0
  }

  /** All that was sent to one client, and could be. */
  sentTo(client: ClientId): Buffer {
    return Buffer.concat(this.#sent.get(client) ?? [])
  }

  /** The sum of everything that was sent to one client, whether or not it was connected. */
  decidedFor(client: ClientId): Sum {
    const lengths = this.#lengths.get(client) ?? []
    return { count: lengths.length, bytes: lengths.reduce((sum, length) => sum + length, 0) }
  }

  /** What does not add up at any moment; undefined if all does. */
  whileRunning({ decided, bytesOut, drops, held }: StatisticsSnapshot): string | undefined {
    if (decided.sends !== this.#decided || decided.bytes !== this.#decidedBytes) {
      return `the protocol sent ${this.#decided} messages of ${this.#decidedBytes} bytes, the server counts ${decided.sends} of ${decided.bytes}`
    }
    const queued = decided.bytes - bytesOut - drops['not-connected'].bytes - drops.refused.bytes - drops.aborted.bytes
    const capacity = QUEUING.reduce((sum, place) => sum + held[place], 0)
    if (queued < 0) return `${-queued} bytes more were handed over or dropped than the protocol sent`
    if (queued > capacity) {
      return `${queued} bytes were neither handed over nor dropped, and no more than ${capacity} are held for sending`
    }
    return undefined
  }

  /** When every connection has closed. */
  atTheEnd({ bytesOut, drops, lastCloses }: StatisticsSnapshot): Ledger {
    let handedOver = 0
    let cut = 0
    for (const { client, bytesOut: bytes } of lastCloses) {
      const { whole, rest } = this.#wholeOf(client, bytes)
      handedOver += whole
      if (rest > 0) cut++
    }
    const notConnected = { count: drops['not-connected'].sends, bytes: drops['not-connected'].bytes }
    const decided = { count: this.#decided - drops.refused.sends, bytes: this.#decidedBytes - drops.refused.bytes }
    const aborted = { count: decided.count - handedOver - notConnected.count, bytes: drops.aborted.bytes }
    return {
      decided,
      handedOver: { count: handedOver, bytes: bytesOut },
      notConnected,
      aborted,
      queued: decided.bytes - bytesOut - notConnected.bytes - aborted.bytes,
    }
  }

  /** What does not add up in the end, client by client and in all. */
  faultsOf(ledger: Ledger, closes: readonly Close[]): string[] {
    const faults: string[] = []
    const { queued, aborted, handedOver } = ledger
    if (queued !== 0) faults.push(`${queued} bytes were neither handed over nor dropped, and nothing is left to come`)
    if (aborted.count < 0 || aborted.count > 0 !== aborted.bytes > 0) {
      faults.push(`aborts discarded ${aborted.bytes} bytes, which should be those of ${aborted.count} messages`)
    }
    const byClient = closes.reduce((sum, { bytesOut }) => sum + bytesOut, 0)
    if (byClient !== handedOver.bytes) {
      faults.push(`${handedOver.bytes} bytes were handed over, client by client ${byClient}`)
    }
    for (const { client, bytesOut, reason } of closes) {
      const decided = this.decidedFor(client).bytes
      if (bytesOut > decided)
        faults.push(`client ${client} (${reason}): ${bytesOut} bytes of the ${decided} sent to it`)
    }
    return faults
  }

  /** How many messages to `client` fit into the first `bytes` of its stream, and what is over. */
  #wholeOf(client: ClientId, bytes: number): { whole: number; rest: number } {
    let whole = 0
    let rest = bytes
    for (const length of this.#lengths.get(client) ?? []) {
      if (rest < length) break
      rest -= length
      whole++
    }
    return { whole, rest }
  }

  #noted(out: Outbox): Outbox {
    return forwardingOutbox(out, {
      send: (to, bytes, start = 0, end = bytes.length, messages = 1) => {
        this.#decide(messages, end - start)
        this.#note(to, bytes, start, end, messages)
        out.send(to, bytes, start, end, messages)
      },
      give: (to, bytes) => {
        this.#decide(1, bytes.length)
        this.#note(to, bytes, 0, bytes.length, 1)
        out.give(to, bytes)
      },
      offer: (to, bytes, start = 0, end = bytes.length) => {
        this.#decide(1, end - start)
        const accepted = out.offer(to, bytes, start, end)
        if (accepted) this.#note(to, bytes, start, end, 1)
        return accepted
      },
      offerAll: (to, bytes, start = 0, end = bytes.length) => {
        const refused = out.offerAll(to, bytes, start, end)
        for (const client of to) {
          this.#decide(1, end - start)
          if (!refused.includes(client)) this.#note(client, bytes, start, end, 1)
        }
        return refused
      },
    })
  }

  #decide(messages: number, bytes: number): void {
    this.#decided += messages
    this.#decidedBytes += bytes
  }

  /** Notes one message or several, each of which ends with a NUL (R1.4). */
  #note(to: ClientId, bytes: Uint8Array, start: number, end: number, messages: number): void {
    if (this.#keepsBytes) this.#sent.set(to, [...(this.#sent.get(to) ?? []), bytes.slice(start, end)])
    const lengths = this.#lengths.get(to) ?? []
    this.#lengths.set(to, lengths)
    let from = start
    for (let more = messages - 1; more > 0; more--) {
      const nul = bytes.indexOf(0, from)
      lengths.push(nul + 1 - from)
      from = nul + 1
    }
    lengths.push(end - from)
  }
}
