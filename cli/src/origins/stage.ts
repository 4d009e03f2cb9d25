import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { limitsOf, liveClock, ManualClock } from '@switchyard/core'
import type { Cancel, ClientId, Pattern, Protocol, Server } from '@switchyard/core'
import { Router } from '@switchyard/router'
import { message } from '@switchyard/shared-tests'
import { Link, SimListener } from '@switchyard/sim'
import type { Buffers } from '@switchyard/sim'

/** Small, so that few messages fill everything there is. */
const LIMITS = { messageBytesMax: 400, queuedBytesMax: 4096, writeDeadlineMs: 1_000 }
const BUFFERS: Buffers = { receiveBytes: 1024, sendBytes: 512 }
const BODY = 'x'.repeat(300)
/** Passes of the event loop after which nothing moves any more: what follows from one event takes a few. */
const HOPS = 12
const SENDS_MAX = 200

/** Where in the code something happened: the stack, innermost first, and the connection whose async context it was in. */
export interface Trace {
  readonly stack: string
  /** Undefined where the context is no connection's. */
  readonly context: ClientId | undefined
}

/** A client, of which the stage plays both the program and the kernel. */
export class Actor {
  readonly id: ClientId
  readonly link: Link
  reads = true
  /** Of the error that its socket was given, and of the moment at which it was ended from here. */
  failed: Trace | undefined
  ended: Trace | undefined

  constructor(id: ClientId, link: Link) {
    this.id = id
    this.link = link
  }
}

/**
 * One server on connections whose kernel is played here, so that a write fails exactly when it is meant to. Each connection is
 * accepted in an async context of its own, as a tracing tool would have it, and each step for it is taken in that; what the
 * pattern starts there inherits it.
 */
export class Stage implements AsyncDisposable {
  readonly server: Server
  readonly #listener = new SimListener()
  readonly #clock = new BoundClock()
  readonly #contexts = new AsyncLocalStorage<ClientId>()
  readonly #actors: Actor[] = []
  #stepOf: { readonly client: ClientId; trace?: Trace } | undefined

  constructor(pattern: Pattern) {
    const protocol = watched(new Router(limitsOf(LIMITS)), (client, step) => {
      if (this.#stepOf?.client === client) this.#stepOf.trace ??= this.#here('step')
      this.#contexts.run(client, step)
    })
    this.server = pattern.serve(protocol, this.#listener, { ...LIMITS, clock: this.#clock })
  }

  async connect(): Promise<Actor> {
    const id = this.#actors.length + 1
    const link = new Link(BUFFERS, { acceptable: (space) => space, touched: () => {} })
    const actor = new Actor(id, link)
    link.socket.on('error', (error) => {
      actor.failed = { stack: error.stack ?? '', context: this.#contexts.getStore() }
    })
    const destroy = link.socket.destroy.bind(link.socket)
    link.socket.destroy = (error) => {
      actor.ended ??= this.#here('ended')
      return destroy(error)
    }
    this.#actors.push(actor)
    this.#contexts.run(id, () => this.#listener.connect(link))
    await this.settled()
    return actor
  }

  /** One message, which arrives whole. */
  async send(from: Actor, to: Actor): Promise<void> {
    from.link.send(message(to.id, BODY))
    await this.settled()
  }

  /** One message after the other, until the server takes nothing more. */
  async flood(from: Actor, to: Actor): Promise<void> {
    const bytes = message(to.id, BODY)
    for (let sent = 0; sent < SENDS_MAX && from.link.space >= bytes.length; sent++) await this.send(from, to)
  }

  /** One message, and where the step is taken that it causes. */
  async step(from: Actor, to: Actor): Promise<Trace | undefined> {
    const wanted: { readonly client: ClientId; trace?: Trace } = { client: from.id }
    this.#stepOf = wanted
    await this.send(from, to)
    this.#stepOf = undefined
    return wanted.trace
  }

  /** The server notices that the client has reset its connection, and what follows from that happens. */
  async notice({ link }: Actor): Promise<void> {
    if (link.arrival === 'reset') link.deliver(0)
    await this.settled()
  }

  async deadline(): Promise<void> {
    this.#clock.advance(LIMITS.writeDeadlineMs)
    await this.settled()
  }

  /** Lets happen whatever the server asks for, but for what concerns a client that has reset. */
  async settled(): Promise<void> {
    for (let hop = 0; hop < HOPS; hop++) {
      for (const { link, reads } of this.#actors) {
        if (link.arrival === 'bytes' || link.arrival === 'fin') link.deliver(Number.POSITIVE_INFINITY)
        if (link.acceptable) link.accept()
        if (reads) link.take(link.readable)
      }
      await new Promise<void>((resolve) => liveClock.turn(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { link } of this.#actors) link.socket.destroy()
    const end = this.server.shutdown()
    this.#clock.advance(limitsOf().graceMs)
    await this.settled()
    await end
  }

  #here(what: string): Trace {
    return { stack: new Error(what).stack ?? '', context: this.#contexts.getStore() }
  }
}

/** Time in the hands of the stage; what it calls runs in the async context of whoever asked, as with Node's own timers. */
class BoundClock extends ManualClock {
  override after(ms: number, fn: () => void): Cancel {
    return super.after(ms, AsyncResource.bind(fn))
  }
}

function watched(protocol: Protocol, stepping: (client: ClientId, step: () => void) => void): Protocol {
  return {
    connected: (client, out) => protocol.connected(client, out),
    received: (client, chunk, out) => stepping(client, () => protocol.received(client, chunk, out)),
    disconnected: (client, out) => protocol.disconnected(client, out),
    heldBytes: (client) => protocol.heldBytes(client),
  }
}
