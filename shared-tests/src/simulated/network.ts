import { liveClock, READ_BYTES } from '@switchyard/core'
import { Link, Random, SimClock, SimListener } from '@switchyard/sim'
import type { Buffers } from '@switchyard/sim'
import { ClientSocket } from './client-socket.ts'

interface Connection {
  readonly link: Link
  readonly socket: ClientSocket
}

/** A simulated network that runs by itself: as long as anything can happen, one of those things does, drawn from a seed. */
export class Network {
  readonly clock: SimClock = new SimClock()
  readonly listener: SimListener = new SimListener()
  readonly #buffers: Buffers
  readonly #random: Random
  #connections: Connection[] = []
  #running: Promise<void> | undefined

  constructor(buffers: Buffers, seed: number) {
    this.#buffers = buffers
    this.#random = new Random(seed)
  }

  /** A connection to whoever listens; undefined if nobody does. */
  connect(): ClientSocket | undefined {
    const link = new Link(this.#buffers, { acceptable: (space) => space, touched: () => {} })
    const socket = new ClientSocket(link, () => this.wake())
    if (!this.listener.connect(link)) return undefined
    this.#connections.push({ link, socket })
    this.wake()
    return socket
  }

  /** To be called when something may be possible that was not before. */
  wake(): void {
    this.#running ??= this.#run()
  }

  /** Settles when nothing can happen any more before time moves. */
  async atRest(): Promise<void> {
    this.wake()
    while (this.#running) await this.#running
  }

  /** Moves time on by `ms`; at each timer on the way everything that follows from it happens before the next one. */
  async pass(ms: number): Promise<void> {
    const until = this.clock.now() + ms
    await this.atRest()
    for (let fn = this.clock.nextTimer(until); fn; fn = this.clock.nextTimer(until)) {
      fn()
      await this.atRest()
    }
  }

  async #run(): Promise<void> {
    for (;;) {
      await settled()
      const possible = this.#possible()
      const next = possible[this.#random.below(possible.length)]
      if (!next) break
      await next()
    }
    this.#running = undefined
  }

  #possible(): (() => void | Promise<void>)[] {
    const possible: (() => void | Promise<void>)[] = []
    this.#connections = this.#connections.filter(({ link, socket }) => !link.gone || !socket.destroyed)
    for (const { link, socket } of this.#connections) {
      if (link.arrival !== 'none') possible.push(() => void link.deliver(READ_BYTES))
      if (link.acceptable) possible.push(() => void link.accept())
      if (socket.canGoOn) possible.push(() => socket.goOn())
    }
    if (this.clock.turnPending) possible.push(() => this.#endTurn())
    return possible
  }

  async #endTurn(): Promise<void> {
    for (const fn of this.clock.endTurn()) {
      fn()
      await settled()
    }
  }
}

/** By then every tick and promise that follows from what happened has happened, the case's own included. */
function settled(): Promise<void> {
  return new Promise((resolve) => liveClock.turn(resolve))
}
