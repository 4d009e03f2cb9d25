import type { Party } from '@switchyard/core'

/** How an incarnation ended. JavaScript cannot kill: `abandoned` still runs, but whatever it sends or receives is void. */
export type Ending = 'returned' | 'failed' | 'abandoned'

/** What lets go of an incarnation that ends: a mailbox that it receives from, or waits to send to. */
export interface Held {
  retired(by: Incarnation): void
  ended(by: Incarnation, how: Ending): void
}

/**
 * One life of a service. Whoever sends, receives or waits shows its incarnation, so that a service that was replaced can
 * do neither in the name of its successor.
 */
export class Incarnation {
  readonly party: Party
  /** From 1; the next life of the same service has the next number. */
  readonly number: number
  readonly #held = new Set<Held>()
  readonly #stop = new AbortController()
  #retired = false
  #stale = false

  /** `who`: a name, or the party that stands for it in a wait-for graph. */
  constructor(who: string | Party, number = 1) {
    this.party = typeof who === 'string' ? { kind: 'task', name: who } : who
    this.number = number
  }

  /** Aborted when the service is told to stop: whatever it waits for by itself (a timer, a socket) has to end then. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** It is told to receive nothing more, and to wait for nobody. */
  get retired(): boolean {
    return this.#retired
  }

  /** It is over: nothing that it sends is accepted. */
  get stale(): boolean {
    return this.#stale
  }

  /** `held` hears how this ends. */
  hold(held: Held): void {
    this.#held.add(held)
  }

  /** Tells the service to stop; what is in its mailbox can still be received. */
  stop(): void {
    this.#stop.abort()
  }

  /**
   * Tells the service to stop at once. It receives nothing more, and what is in its mailbox stays there. It can send, but
   * waits for no mailbox: the one that is full may be that of a service that is restarted with it.
   */
  retire(): void {
    this.#retired = true
    for (const held of this.#held) held.retired(this)
    this.stop()
  }

  /** The epoch is over. A second call changes nothing: whoever held on to it has let go. */
  end(how: Ending): void {
    this.#stale = true
    for (const held of this.#held) held.ended(this, how)
    this.stop()
  }
}
