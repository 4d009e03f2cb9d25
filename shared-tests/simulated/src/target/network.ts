import { Random, READ_BYTES } from '@switchyard/core'
import type { Clock, Listener, Role } from '@switchyard/core'
import { Link, Scheduler } from '@switchyard/sim'
import type { Action, Buffers } from '@switchyard/sim'
import { ClientSocket } from './client-socket.ts'

interface Connection {
  readonly link: Link
  readonly socket: ClientSocket
}

/** A simulated network that runs by itself: as long as anything can happen, one of those things does, drawn from a seed. */
export class Network {
  readonly #buffers: Buffers
  readonly #random: Random
  readonly #scheduler = new Scheduler()
  #connections: Connection[] = []
  #running: Promise<void> | undefined

  constructor(buffers: Buffers, seed: number) {
    this.#buffers = buffers
    this.#random = new Random(seed)
  }

  get clock(): Clock {
    return this.#scheduler.clock
  }

  get listener(): Listener {
    return this.#scheduler.listener
  }

  /** A connection to whoever listens; undefined if nobody does. */
  connect(role?: Role): ClientSocket | undefined {
    const link = new Link(this.#buffers, { acceptable: (space) => space, touched: () => {} })
    const socket = new ClientSocket(link, () => this.wake())
    if (!this.#scheduler.listener.connect(link, role)) return undefined
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
    while (await this.#scheduler.passTime(until)) await this.atRest()
  }

  async #run(): Promise<void> {
    await this.#scheduler.run(
      () => this.#possible(),
      (count) => this.#random.below(count),
    )
    this.#running = undefined
  }

  #possible(): Action[] {
    const possible: Action[] = []
    this.#connections = this.#connections.filter(({ link, socket }) => !link.gone || !socket.destroyed)
    for (const { link, socket } of this.#connections) {
      if (link.arrival !== 'none') possible.push(() => link.deliver(READ_BYTES))
      if (link.acceptable) possible.push(() => link.accept())
      if (socket.canGoOn) possible.push(() => socket.goOn())
    }
    return possible
  }
}
