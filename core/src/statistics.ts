import type { Duplex } from 'node:stream'
import type { ClientId, CloseReason, Journal } from './protocol.ts'
import type { Party } from './wait-for-graph.ts'

/** Where a server holds bytes; every byte is counted in one place, by the capacity that holds it. */
export const PLACES = ['input', 'chunks', 'channels', 'mailboxes', 'queues', 'sockets'] as const
/**
 * `input` unfinished messages in the protocol; `chunks` read, not yet processed; `channels` on the way to a dispatcher;
 * `mailboxes` on the way to a writer; `queues` decided, not yet accepted by the operating system; `sockets` arrived in
 * the process, not yet read, and written past the queues.
 */
export type Place = (typeof PLACES)[number]

/**
 * Why something that a protocol sent did not reach the operating system. `refused`: an offer for which there was no room.
 * `mailbox-full`: the pattern drops what has no room, and fails R3.4 with it.
 */
export type DropReason = 'not-connected' | 'refused' | 'mailbox-full' | 'aborted'

/** One connection that ended. */
export interface Close {
  readonly client: ClientId
  readonly reason: CloseReason
  /** By the server's clock, ms. */
  readonly at: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** The code of the socket's error, such as EPIPE, if it had one. */
  readonly code?: string
  /** The protocol's own words, where it closed the connection and gave some. */
  readonly why?: string
  /** Who waited for the client to read when it was aborted: on whose behalf those bytes were written that came to nothing. */
  readonly by?: Party
}

/** Counts since the start, and what stands now. Plain data: fit for JSON. */
export interface StatisticsSnapshot {
  readonly connections: {
    /** Not yet closed, the lingering ones included. */
    readonly open: number
    readonly accepted: number
    /** Closed without an id (R5.2). */
    readonly refused: number
  }
  /** Read by the server. */
  readonly bytesIn: number
  /** Accepted by the operating system. */
  readonly bytesOut: number
  /** What the protocol sent, to whomever: accepted by the operating system, dropped, or still held. `sends`: whole messages. */
  readonly decided: { readonly sends: number; readonly bytes: number }
  /** How often it waited until what was decided was durable (`ServeOptions.commit`). */
  readonly commits: number
  readonly held: Readonly<Record<Place, number>> & { readonly total: number }
  /** `sends`: whole messages; 0 for `aborted`, where only bytes are known. */
  readonly drops: Readonly<Record<DropReason, { readonly sends: number; readonly bytes: number }>>
  readonly closes: Readonly<Record<CloseReason, number>>
  /** The last 1,000, oldest first. */
  readonly lastCloses: readonly Close[]
  /** Errors that the listener reported. Out of file descriptors, libuv closes connections unseen, and reports none. */
  readonly listenerErrors: number
}

const LAST_CLOSES_MAX = 1000

/** The counters of one server. Only `core` and the patterns write them. */
export class Statistics {
  accepted = 0
  refused = 0
  bytesIn = 0
  bytesOut = 0
  commits = 0
  listenerErrors = 0
  readonly decided: { sends: number; bytes: number } = { sends: 0, bytes: 0 }
  readonly drops: Record<DropReason, { sends: number; bytes: number }> = {
    'not-connected': { sends: 0, bytes: 0 },
    refused: { sends: 0, bytes: 0 },
    'mailbox-full': { sends: 0, bytes: 0 },
    aborted: { sends: 0, bytes: 0 },
  }
  readonly #closes: Record<CloseReason, number> = {
    'client-fin': 0,
    reset: 0,
    'message-too-long': 0,
    'write-deadline': 0,
    'held-bytes': 0,
    'protocol-abort': 0,
    'protocol-close': 0,
    'server-shutdown': 0,
    'shutdown-deadline': 0,
  }
  readonly #lastCloses: Close[] = []
  #oldest = 0
  readonly #journal: Journal

  constructor(journal: Journal = {}) {
    this.#journal = journal
  }

  opened(client: ClientId, socket: Duplex): void {
    this.accepted++
    this.#journal.opened?.(client, socket)
  }

  refuse(): void {
    this.refused++
    this.#journal.refused?.()
  }

  listenerFailed(error: Error): void {
    this.listenerErrors++
    this.#journal.listenerFailed?.(error)
  }

  /** On the path of every message: it does no more than count. */
  decide(sends: number, bytes: number): void {
    this.decided.sends += sends
    this.decided.bytes += bytes
  }

  drop(reason: DropReason, sends: number, bytes: number): void {
    this.drops[reason].sends += sends
    this.drops[reason].bytes += bytes
  }

  closed(close: Close): void {
    this.#closes[close.reason]++
    this.#journal.closed?.(close)
    if (this.#lastCloses.length < LAST_CLOSES_MAX) {
      this.#lastCloses.push(close)
    } else {
      this.#lastCloses[this.#oldest] = close
      this.#oldest = (this.#oldest + 1) % LAST_CLOSES_MAX
    }
  }

  snapshot(open: number, held: Readonly<Record<Place, number>>): StatisticsSnapshot {
    let total = 0
    for (const place of PLACES) total += held[place]
    return {
      connections: { open, accepted: this.accepted, refused: this.refused },
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      decided: { ...this.decided },
      commits: this.commits,
      held: { ...held, total },
      drops: {
        'not-connected': { ...this.drops['not-connected'] },
        refused: { ...this.drops.refused },
        'mailbox-full': { ...this.drops['mailbox-full'] },
        aborted: { ...this.drops.aborted },
      },
      closes: { ...this.#closes },
      lastCloses: [...this.#lastCloses.slice(this.#oldest), ...this.#lastCloses.slice(0, this.#oldest)],
      listenerErrors: this.listenerErrors,
    }
  }
}
