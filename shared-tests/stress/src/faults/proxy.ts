import type { Random } from '@switchyard/core'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { connectTcp } from '@switchyard/conformance'
import type { Fault } from './fault.ts'
import { Pipe } from './pipe.ts'
import type { Timeline } from './timeline.ts'

const HOST = '127.0.0.1'

/** Stands between clients and a server, and does to each link what its faults say. */
export class FaultProxy implements AsyncDisposable {
  readonly #listener: Server
  readonly #serverPort: number
  readonly #timeline: Timeline
  readonly #links: Link[] = []

  private constructor(listener: Server, serverPort: number, timeline: Timeline) {
    this.#listener = listener
    this.#serverPort = serverPort
    this.#timeline = timeline
  }

  static async start(serverPort: number, timeline: Timeline): Promise<FaultProxy> {
    // Node's own: an instrument shares as little as it can with what it measures.
    const listener = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: 0 }).listen(0, HOST)
    await once(listener, 'listening')
    return new FaultProxy(listener, serverPort, timeline)
  }

  /** A client's socket whose link has these faults. One at a time: the next after this has settled. */
  async connect(faults: readonly Fault[], random: Random): Promise<Socket> {
    const accepted: Promise<Socket[]> = once(this.#listener, 'connection')
    const client = await connectTcp(HOST, portOf(this.#listener))
    const [near] = await accepted
    if (!near) throw new Error('a connection event without a socket')
    const far = await connectTcp(HOST, this.#serverPort)
    this.#links.push(new Link(near, far, faults, this.#timeline, random))
    return client
  }

  /** Ends every link. The timeline must be over, so that nothing waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close()
    await Promise.all(this.#links.map((link) => link.end()))
  }
}

class Link {
  readonly #near: Socket
  readonly #far: Socket
  readonly #pipes: Promise<unknown>

  constructor(near: Socket, far: Socket, faults: readonly Fault[], timeline: Timeline, random: Random) {
    this.#near = near
    this.#far = far
    const cut = (): void => {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    for (const socket of [near, far]) socket.on('error', cut)
    const up = new Pipe([near, far], 'up', faults, timeline, random, cut)
    const down = new Pipe([far, near], 'down', faults, timeline, random, cut)
    this.#pipes = Promise.all([up.run(), down.run()])
  }

  async end(): Promise<void> {
    this.#near.destroy()
    this.#far.destroy()
    await this.#pipes
  }
}
