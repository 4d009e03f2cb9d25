import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { forwardingProtocol, limitsOf } from '@switchyard/core'
import type { ClientId, Clock, Pattern, Protocol, Server } from '@switchyard/core'
import { Router } from '@switchyard/protocols/router'
import { message } from '@switchyard/protocols/router/suite'
import { Link, Scheduler } from '@switchyard/sim'
import type { Action, Buffers } from '@switchyard/sim'

/** Small, so that few messages fill everything there is. */
const LIMITS = { messageBytesMax: 400, queuedBytesMax: 4096, writeDeadlineMs: 1_000 }
const BUFFERS: Buffers = { receiveBytes: 1024, sendBytes: 512 }
const BODY = 'x'.repeat(300)
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
  /** Where its socket was given an error, and where it was ended from this side. */
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
  readonly #scheduler = new Scheduler()
  readonly #contexts = new AsyncLocalStorage<ClientId>()
  readonly #actors: Actor[] = []
  #stepOf: { readonly client: ClientId; trace?: Trace } | undefined

  constructor(pattern: Pattern) {
    const protocol = watched(new Router(limitsOf(LIMITS)), (client, step) => {
      if (this.#stepOf?.client === client) this.#stepOf.trace ??= this.#here('step')
      this.#contexts.run(client, step)
    })
    const { listener, clock } = this.#scheduler
    this.server = pattern.serve(protocol, listener, { ...LIMITS, clock: bound(clock) })
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
    this.#contexts.run(id, () => this.#scheduler.listener.connect(link))
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

  deadline(): Promise<void> {
    return this.#pass(LIMITS.writeDeadlineMs)
  }

  /** Lets happen whatever the server asks for, but for what concerns a client that has reset. */
  settled(): Promise<void> {
    return this.#scheduler.run(
      () => this.#actors.flatMap(possible),
      () => 0,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { link } of this.#actors) link.socket.destroy()
    const end = this.server.shutdown()
    await this.#pass(limitsOf().graceMs)
    await end
  }

  async #pass(ms: number): Promise<void> {
    const until = this.#scheduler.clock.now() + ms
    await this.settled()
    while (await this.#scheduler.passTime(until)) await this.settled()
  }

  #here(what: string): Trace {
    return { stack: new Error(what).stack ?? '', context: this.#contexts.getStore() }
  }
}

function possible({ link, reads }: Actor): Action[] {
  const actions: Action[] = []
  if (link.arrival === 'bytes' || link.arrival === 'fin') actions.push(() => link.deliver(Number.POSITIVE_INFINITY))
  if (link.acceptable) actions.push(() => link.accept())
  if (reads && link.readable > 0) actions.push(() => link.take(link.readable))
  return actions
}

/** What this clock calls runs in the async context of whoever asked, as with Node's own timers. */
function bound(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    after: (ms, fn) => clock.after(ms, AsyncResource.bind(fn)),
    turn: (fn) => clock.turn(AsyncResource.bind(fn)),
  }
}

function watched(protocol: Protocol, stepping: (client: ClientId, step: () => void) => void): Protocol {
  return forwardingProtocol(protocol, {
    received: (client, chunk, out) => stepping(client, () => protocol.received(client, chunk, out)),
  })
}
