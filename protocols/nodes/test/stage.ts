/** Nodes joined by links that stand still until a test moves what is in them. */
import type { AbortReason, ClientId } from '@switchyard/core'
import { StrictOutbox } from '../../test/outbox.ts'
import { firstIdOf, NodeRouter } from '../src/index.ts'
import type { NodeOptions } from '../src/index.ts'

export class Stage extends StrictOutbox {
  readonly node: number
  readonly router: NodeRouter
  readonly paused = new Set<ClientId>()
  readonly aborted = new Map<ClientId, string | undefined>()
  readonly closed = new Set<ClientId>()
  readonly paced = new Set<ClientId>()
  /** Clients that read nothing: what is sent to them stays queued. */
  readonly stalled = new Set<ClientId>()
  wakesAt = Number.POSITIVE_INFINITY
  dropped = 0
  readonly #queues = new Map<ClientId, Uint8Array[]>()
  /** What was ever sent to each, taken or not. */
  readonly #sent = new Map<ClientId, Uint8Array[]>()
  readonly #asked = new Map<ClientId, number>()
  #next: ClientId

  constructor(node: number, options: Partial<NodeOptions> = {}) {
    super()
    this.node = node
    this.#next = firstIdOf(node)
    this.router = new NodeRouter({ node, epoch: 1, messageBytesMax: 1024 * 1024, ...options })
  }

  connect(role = 'client'): ClientId {
    const id = this.#next++
    this.#queues.set(id, [])
    this.#sent.set(id, [])
    this.router.connected(id, this, role)
    return id
  }

  /** What a client writes. */
  write(client: ClientId, ...messages: readonly (readonly [to: ClientId, body: string])[]): void {
    const bytes = messages.flatMap(([to, body]) => [
      ...Uint8Array.of(to >>> 24, to >>> 16, to >>> 8, to),
      ...new TextEncoder().encode(body),
      0,
    ])
    this.receive(client, Uint8Array.from(bytes))
  }

  receive(client: ClientId, bytes: Uint8Array): void {
    if (this.#queues.has(client)) this.router.received(client, bytes, this)
  }

  /** The bodies that have been sent to a client, without its id. */
  heard(client: ClientId): readonly string[] {
    const bytes = (this.#sent.get(client) ?? []).flatMap((each) => [...each]).slice(4)
    return new TextDecoder().decode(Uint8Array.from(bytes)).split('\0').slice(0, -1)
  }

  /** Takes out all that is queued, and tells whoever asked. */
  take(client: ClientId): Uint8Array {
    const bytes = Uint8Array.from((this.#queues.get(client) ?? []).flatMap((each) => [...each]))
    if (this.#queues.has(client)) this.#queues.set(client, [])
    const asked = this.#asked.get(client)
    this.#asked.delete(client)
    if (asked !== undefined) this.router.drained(client, this)
    return bytes
  }

  /** A client that reads on, also what comes only since it reads. */
  takeAll(client: ClientId): void {
    while (this.queued(client) > 0) this.take(client)
  }

  disconnect(client: ClientId): void {
    if (this.#queues.delete(client)) this.router.disconnected(client, this)
  }

  advance(ms: number): void {
    this.now += ms
    if (this.wakesAt > this.now) return
    this.wakesAt = Number.POSITIVE_INFINITY
    this.router.woken(this)
  }

  override queued(client: ClientId): number {
    return (this.#queues.get(client) ?? []).reduce((sum, { length }) => sum + length, 0)
  }

  override send(to: ClientId, bytes: Uint8Array, start = 0, end: number = bytes.length, messages = 1): void {
    const queue = this.#queues.get(to)
    if (queue) {
      queue.push(bytes.slice(start, end))
      this.#sent.get(to)?.push(bytes.slice(start, end))
    } else this.dropped += messages
  }

  override give(to: ClientId, bytes: Uint8Array): void {
    this.send(to, bytes)
  }

  override whenQueued(client: ClientId, atMost: number): void {
    if (this.queued(client) <= atMost) throw new Error('this stage tells of drained queues when they are taken')
    this.#asked.set(client, atMost)
  }

  override wakeAt(at: number): void {
    this.wakesAt = Math.min(this.wakesAt, at)
  }

  override pause(client: ClientId): void {
    this.paused.add(client)
  }

  override resume(client: ClientId): void {
    this.paused.delete(client)
  }

  override pace(client: ClientId): void {
    this.paced.add(client)
  }

  override close(client: ClientId): void {
    this.closed.add(client)
  }

  override abort(client: ClientId, _reason: AbortReason, why?: string): void {
    this.aborted.set(client, why)
  }
}

/** A link between two nodes: its ends, and what crosses it when it is told to. */
export class Wire {
  readonly #ends: readonly [{ stage: Stage; link: ClientId }, { stage: Stage; link: ClientId }]

  constructor(one: Stage, other: Stage) {
    this.#ends = [
      { stage: one, link: one.connect('node') },
      { stage: other, link: other.connect('node') },
    ]
  }

  linkOf(stage: Stage): ClientId {
    return this.#ends[0].stage === stage ? this.#ends[0].link : this.#ends[1].link
  }

  /** Until nothing more comes; `cut` bytes at a time. */
  settle(cut = 64 * 1024): void {
    for (let moved = true; moved;) {
      moved = false
      for (const [from, to] of [this.#ends, this.#ends.toReversed()]) moved = this.#move(from, to, cut) || moved
    }
  }

  /** What one end has sent crosses. */
  carry(from: Stage): void {
    const [one, other] = this.#ends
    if (one.stage === from) this.#move(one, other, 64 * 1024)
    else this.#move(other, one, 64 * 1024)
  }

  /** What is on the way is lost. */
  cut(): void {
    for (const { stage, link } of this.#ends) stage.disconnect(link)
  }

  #move(
    from: { stage: Stage; link: ClientId } | undefined,
    to: { stage: Stage; link: ClientId } | undefined,
    cut: number,
  ): boolean {
    if (!from || !to) return false
    const bytes = from.stage.take(from.link)
    for (let at = 0; at < bytes.length; at += cut) to.stage.receive(to.link, bytes.subarray(at, at + cut))
    return bytes.length > 0
  }
}
