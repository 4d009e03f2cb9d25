import { forwardingProtocol } from '@switchyard/core'
import type { ClientId, Protocol } from '@switchyard/core'
import type { ClientView, Event } from '@switchyard/sim'
import type { RouterSay } from '@switchyard/protocols/router/simulated'

/**
 * Where a message is. `incoming`: taken by the kernel, not read by the server; `inside`: read, and the protocol has not
 * seen its end; `queued`: decided, and the kernel has not accepted it; `outgoing`: in the kernel, not read by its
 * destination; then it is `read`, `dropped` (R3.7) or `lost` with a connection.
 */
export type Whereabouts = 'incoming' | 'inside' | 'queued' | 'outgoing' | 'read' | 'dropped' | 'lost'

export interface Letter {
  /** Names it within one run. */
  readonly key: string
  readonly from: number
  readonly to: number
  readonly at: Whereabouts
  /** Since when it is there, ms. */
  readonly since: number
}

interface Tracked {
  letter: Letter
  /** Where it ends in its sender's stream, and in its destination's once it was decided. */
  readonly end: number
  readonly bodyBytes: number
  outEnd: number | undefined
}

interface Account {
  sent: number
  delivered: number
  processed: number
  owed: number
  read: number
  gone: boolean
  readonly letters: Tracked[]
  settled: number
}

/** Follows messages of one protocol through a run. */
export interface Follower<Say> {
  /** Messages that have been read. */
  readonly arrived: number
  /** `protocol`, whose steps this hears of. */
  watch(protocol: Protocol): Protocol
  /** By the number that the server gave it; undefined for nobody of this world. */
  clientOf(id: ClientId): number | undefined
  hear(event: Event<Say>, now: number): void
  /** Where every message is that is under way, or was until lately. Unchanged ones are the same objects as before. */
  letters(clients: readonly ClientView[], now: number): readonly Letter[]
}

/** R1.1, R1.2. */
const ID_BYTES = 4
/** So long a message that has arrived is still drawn. */
export const SHOWN_MS = 500

/**
 * Follows every message by counting bytes: of each sender how many were sent, read by the server and seen by the
 * protocol; of each destination how many the kernel accepted and how many were read. A server that mixes up the order of
 * bytes within one stream makes it wrong, which no server does that keeps R3.3.
 */
export class Mail implements Follower<RouterSay> {
  readonly #accounts: readonly Account[]
  readonly #byId: number[] = []
  readonly #joined = new Set<ClientId>()
  #live: Tracked[] = []
  #shown: readonly Letter[] = []
  arrived = 0

  constructor(clients: number) {
    this.#accounts = Array.from({ length: clients }, () => ({
      sent: 0,
      delivered: 0,
      processed: 0,
      owed: ID_BYTES,
      read: 0,
      gone: false,
      letters: [],
      settled: 0,
    }))
  }

  watch(protocol: Protocol): Protocol {
    const joined = this.#joined
    const processed = (client: ClientId, bytes: number): void => this.#process(client, bytes)
    return forwardingProtocol(protocol, {
      connected(client, out, role) {
        joined.add(client)
        protocol.connected(client, out, role)
      },
      received(client, chunk, out) {
        processed(client, chunk.length)
        protocol.received(client, chunk, out)
      },
      disconnected(client, out) {
        joined.delete(client)
        protocol.disconnected(client, out)
      },
    })
  }

  clientOf(id: ClientId): number | undefined {
    return this.#byId[id]
  }

  hear(event: Event<RouterSay>, now: number): void {
    switch (event.kind) {
      case 'connect':
        // Ids count upwards (R2.1).
        if (!event.refused) this.#byId[Math.max(1, this.#byId.length)] = event.client
        return
      case 'move':
        if (event.move.kind === 'say')
          this.#sent(event.client, event.move.say.to, event.move.say.body.length, event.bytes, now)
        return
      case 'deliver':
        this.#account(event.client).delivered += event.bytes
        return
      case 'read':
        this.#account(event.client).read += event.bytes.length
        return
      case 'accept':
      case 'end':
      case 'turn':
      case 'sync':
      case 'time':
      case 'shutdown':
    }
  }

  letters(clients: readonly ClientView[], now: number): readonly Letter[] {
    for (const { index, link, end } of clients) this.#account(index).gone = link.gone || end !== undefined
    let changed = false
    for (const tracked of this.#live) {
      const at = this.#whereabouts(tracked, clients)
      if (at === tracked.letter.at) continue
      if (at === 'read') this.arrived++
      tracked.letter = { ...tracked.letter, at, since: now }
      changed = true
    }
    const live = this.#live.filter(({ letter }) => !isOver(letter.at) || now - letter.since < SHOWN_MS)
    if (!changed && live.length === this.#live.length && live.length === this.#shown.length) return this.#shown
    this.#live = live
    this.#shown = live.map(({ letter }) => letter)
    return this.#shown
  }

  #account(client: number): Account {
    return this.#accounts[client]!
  }

  #sent(from: number, to: number, bodyBytes: number, bytes: number, now: number): void {
    const account = this.#account(from)
    const last = account.letters.at(-1)
    if (!last || account.sent >= last.end) {
      const key = `${from}.${account.letters.length}`
      const end = account.sent + ID_BYTES + bodyBytes + 1
      const tracked = {
        letter: { key, from, to, at: 'incoming', since: now } as const,
        end,
        bodyBytes,
        outEnd: undefined,
      }
      account.letters.push(tracked)
      this.#live.push(tracked)
    }
    account.sent += bytes
  }

  #process(id: ClientId, bytes: number): void {
    const client = this.#byId[id]
    if (client === undefined) return
    const account = this.#account(client)
    account.processed += bytes
    for (;;) {
      const next = account.letters[account.settled]
      if (!next || next.end > account.processed) return
      account.settled++
      const to = this.#byId.indexOf(next.letter.to)
      if (to < 0 || !this.#joined.has(to)) continue
      const destination = this.#account(next.letter.to)
      destination.owed += next.bodyBytes + 1
      next.outEnd = destination.owed
    }
  }

  #whereabouts({ letter, end, outEnd }: Tracked, clients: readonly ClientView[]): Whereabouts {
    if (isOver(letter.at)) return letter.at
    const from = this.#account(letter.from)
    const to = this.#account(letter.to)
    if (outEnd !== undefined) {
      if (to.read >= outEnd) return 'read'
      if (to.gone) return 'lost'
      return to.read + clients[letter.to]!.link.readable >= outEnd ? 'outgoing' : 'queued'
    }
    if (from.processed >= end) return 'dropped'
    if (from.gone) return 'lost'
    return from.delivered >= end ? 'inside' : 'incoming'
  }
}

export function isOver(at: Whereabouts): boolean {
  return at === 'read' || at === 'dropped' || at === 'lost'
}
