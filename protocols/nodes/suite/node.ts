import type { Duplex } from 'node:stream'
import { forwardingOutbox, forwardingProtocol } from '@switchyard/core'
import type { ClientId, Outbox, Pattern, Protocol, Role, Server, ServeOptions } from '@switchyard/core'
import { LinkListener } from '../src/links/index.ts'
import type { LinkMachine } from '../src/links/index.ts'
import { lastIdOf } from '../src/ids.ts'
import type { NodeRouter } from '../src/node-router.ts'
import type { OwnIds } from '../src/own-ids.ts'
import type { Bus, Station } from './bus.ts'

const NUL = 0
/** The id of the bus: what a client sends there is a trouble, or a question. No node gives it. */
export const BUS_ID = 0

export interface NodeRun {
  readonly number: number
  readonly epoch: number
  readonly router: NodeRouter
  readonly ids: OwnIds
}

/** What a node needs of the cluster that it belongs to. */
export interface Surroundings {
  readonly pattern: Pattern
  readonly options: ServeOptions
  readonly clock: NonNullable<ServeOptions['clock']>
  readonly bus: Bus
  readonly Machine: typeof LinkMachine
  /** As the link machines have it. */
  now(): number
  /** What a client has told the bus. Returns the answer; undefined if there is none. */
  told(text: string): string | undefined
  joined(node: SimNode): void
  numberTaken(node: SimNode): void
  /** Something was received by a client's connection. */
  moved(): void
}

/** One node of several in a process: its links, its router, and once it has joined, its server. */
export class SimNode extends LinkListener implements Station {
  readonly number: number
  readonly epoch: number
  readonly router: NodeRouter
  readonly #ids: OwnIds
  readonly #around: Surroundings
  readonly #clients = new Set<Duplex>()
  readonly #strangers = new WeakSet<Duplex>()
  readonly #clientIds: ClientId[] = []
  #server: Server | undefined
  #firstId = 0
  #servesSince = Number.POSITIVE_INFINITY
  #diedAt = Number.POSITIVE_INFINITY
  dead = false
  leaving = false

  constructor({ number, epoch, router, ids }: NodeRun, around: Surroundings) {
    super({ node: number, epoch, highestId: () => ids.highest }, around.clock, around.Machine)
    this.number = number
    this.epoch = epoch
    this.router = router
    this.#ids = ids
    this.#around = around
  }

  get server(): Server | undefined {
    return this.#server
  }

  get servesSince(): number {
    return this.#servesSince
  }

  get diedAt(): number {
    return this.#diedAt
  }

  get firstId(): ClientId {
    return this.#firstId
  }

  /** The highest that it has given to a client; 0 if to none. */
  get highestId(): ClientId {
    return this.#clientIds.at(-1) ?? 0
  }

  // The bus ------------------------------------------------------------------------------------------------------------

  receive(segment: Uint8Array): void {
    this.machine.received(segment, this.#around.now())
  }

  protected override publish(to: number | 'everybody', segment: Uint8Array): void {
    this.#around.bus.publish(this, to, segment)
  }

  protected override joined(): void {
    this.#around.joined(this)
  }

  protected override numberTaken(): void {
    this.#around.numberTaken(this)
  }

  // Serving ------------------------------------------------------------------------------------------------------------

  serve(): void {
    if (this.#server) return
    this.#servesSince = this.#around.now()
    const { pattern, options } = this.#around
    this.#firstId = this.#ids.begin(this.machine.highestOwnId)
    const own = { firstId: this.#firstId, idsMax: lastIdOf(this.number) }
    this.#server = pattern.serve(this.#listening(), this, { ...options, ...own })
  }

  /** The router, with an ear for what clients send to the bus. */
  #listening(): Protocol {
    let heard: Outbox | undefined
    let hearing: Outbox | undefined
    let asker: ClientId = BUS_ID
    const hears = (out: Outbox): Outbox => {
      if (out === heard && hearing) return hearing
      heard = out
      const send: Outbox['send'] = (to, bytes, start = 0, end = bytes.length, messages = 1) => {
        if (to !== BUS_ID) return out.send(to, bytes, start, end, messages)
        for (const text of new TextDecoder().decode(bytes.subarray(start, end)).split('\0')) {
          const answer = text === '' ? undefined : this.#around.told(text)
          if (answer !== undefined) out.give(asker, Uint8Array.of(...new TextEncoder().encode(answer), NUL))
        }
      }
      return (hearing = forwardingOutbox(out, { send }))
    }
    return forwardingProtocol(this.router, {
      connected: (client, out, role) => {
        if (role === 'client') this.#clientIds.push(client)
        this.router.connected(client, hears(out), role)
      },
      received: (client, chunk, out) => {
        asker = client
        this.#around.moved()
        this.router.received(client, chunk, hears(out))
      },
    })
  }

  /** Of clients, in the order in which they came. */
  get clientIds(): readonly ClientId[] {
    return this.#clientIds
  }

  accept(socket: Duplex): void {
    this.#clients.add(socket)
    socket.once('close', () => this.#clients.delete(socket))
    this.emit('connection', socket)
  }

  /** A connection that says it is a link. */
  acceptStranger(socket: Duplex): void {
    this.#strangers.add(socket)
    this.emit('connection', socket)
  }

  override roleOf(stream: Duplex): Role {
    if (this.#clients.has(stream)) return 'client'
    return this.#strangers.has(stream) ? 'node' : super.roleOf(stream)
  }

  /** As a process that is killed: the operating system resets its clients, and other nodes hear nothing. */
  kill(): void {
    this.dead = true
    this.#diedAt = this.#around.now()
    for (const socket of this.#clients) socket.destroy()
    this.machine.busDown()
  }
}
