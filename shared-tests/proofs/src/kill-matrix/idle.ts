/** G6: what a message costs beside clients that say nothing. Driven by hand, so that the network costs the same with any number. */
import { limitsOf } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { Router } from '@switchyard/protocols/router'
import { message } from '@switchyard/protocols/router/suite'
import { Link, Scheduler, settle } from '@switchyard/sim'

export const IDLE_COUNT = 2_000
const MESSAGES = 60
const ROUNDS = 5
const BUFFERS = { receiveBytes: 4096, sendBytes: 4096 }
const READ_BYTES_MAX = 4096

/** CPU per message with `IDLE_COUNT` idle clients, by that with none. Of several rounds in turn, the cheapest of each. */
export async function costRatio(pattern: Pattern): Promise<number> {
  const alone = await Sitting.open(pattern, 0)
  const crowded = await Sitting.open(pattern, IDLE_COUNT)
  let [cheapestAlone, cheapestCrowded] = [Infinity, Infinity]
  for (let round = 0; round < ROUNDS; round++) {
    cheapestAlone = Math.min(cheapestAlone, await alone.cost())
    cheapestCrowded = Math.min(cheapestCrowded, await crowded.cost())
  }
  return cheapestCrowded / cheapestAlone
}

/** A server with idle clients, and one that sends to itself. */
class Sitting {
  readonly #scheduler = new Scheduler()
  readonly #active: Link
  readonly #message: Uint8Array

  private constructor(pattern: Pattern, idle: number) {
    const limits = limitsOf()
    const { listener, clock } = this.#scheduler
    pattern.serve(new Router(limits), listener, { ...limits, clock })
    this.#active = this.#connect()
    for (let i = 0; i < idle; i++) this.#connect()
    this.#message = message(1, new Uint8Array(0))
  }

  /** With everybody connected, and the one that sends past its id. */
  static async open(pattern: Pattern, idle: number): Promise<Sitting> {
    const sitting = new Sitting(pattern, idle)
    while (sitting.#active.readable === 0) await sitting.#turn()
    await sitting.#trip(sitting.#active.readable)
    return sitting
  }

  /** CPU time of the round trips, microseconds. */
  async cost(): Promise<number> {
    const before = process.cpuUsage()
    for (let i = 0; i < MESSAGES; i++) await this.#trip(1)
    const { user, system } = process.cpuUsage(before)
    return user + system
  }

  #connect(): Link {
    const link = new Link(BUFFERS, { acceptable: (space) => space, touched: () => {} })
    this.#scheduler.listener.connect(link)
    return link
  }

  async #trip(bytes: number): Promise<void> {
    this.#active.take(bytes)
    this.#active.send(this.#message)
    while (this.#active.readable === 0) {
      if (this.#active.arrival === 'bytes') this.#active.deliver(READ_BYTES_MAX)
      await this.#turn()
    }
  }

  /** Everything that follows from what has happened, and then the end of the turn. */
  async #turn(): Promise<void> {
    await settle()
    await this.#scheduler.endTurn()
  }
}
