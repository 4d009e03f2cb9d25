import type { Duplex } from 'node:stream'
import { liveClock } from '@switchyard/core'
import type { Site } from '@switchyard/conformance'

/** A case does what follows from a network at rest within so many turns, or it waits for something. */
const TURNS = 100
/** No case sends so much: what does is a flood that waits in vain for something to arrive. */
const BYTES_IN_MAX = 128 * 1024 * 1024

/** A simulated site that ends all connections when nothing moves and nobody does anything about that, or far too much does. */
export class Hasty {
  readonly site: Site
  readonly #site: Site
  readonly #sockets: Duplex[] = []
  /** What the case asks of the site, and has no answer yet. */
  #asked = 0
  #released = false

  constructor(site: Site) {
    this.#site = site
    this.site = {
      patienceMs: site.patienceMs,
      connect: async () => {
        const socket = await site.connect()
        this.#sockets.push(socket)
        return socket
      },
      pass: (ms, until) => this.#ask(site.pass(ms, until)),
      settled: (progress) => this.#ask(site.settled(progress)),
      release: (spoilt) => {
        this.#released = true
        return site.release(spoilt)
      },
      account: () => site.account(),
      ...(site.statistics && { statistics: site.statistics.bind(site) }),
      ...(site.everyTurn && { everyTurn: site.everyTurn.bind(site) }),
      ...(site.shutdown && { shutdown: site.shutdown.bind(site) }),
    }
    void this.#watch()
  }

  async #ask(answer: Promise<void>): Promise<void> {
    this.#asked++
    try {
      await answer
    } finally {
      this.#asked--
    }
  }

  async #watch(): Promise<void> {
    while (!this.#released) {
      const stands = (await this.#stands()) && (await this.#isAtRest()) && (await this.#stands())
      if (stands || this.#bytesIn > BYTES_IN_MAX) for (const socket of this.#sockets) socket.destroy()
    }
  }

  async #isAtRest(): Promise<boolean> {
    await this.#site.settled(() => '')
    return true
  }

  /** Whether nothing at all happens for a while. */
  async #stands(): Promise<boolean> {
    const before = this.#fingerprint()
    for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => liveClock.turn(resolve))
    return !this.#released && this.#asked === 0 && this.#fingerprint() === before
  }

  get #bytesIn(): number {
    return this.#site.statistics?.().bytesIn ?? 0
  }

  #fingerprint(): string {
    const { bytesIn, bytesOut, connections } = this.#site.statistics?.() ?? {}
    return `${bytesIn} ${bytesOut} ${connections?.accepted} ${connections?.open} ${this.#sockets.length}`
  }
}
