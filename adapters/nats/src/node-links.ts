import { liveClock } from '@switchyard/core'
import type { Cancel, Clock } from '@switchyard/core'
import { BEAT_MS, LinkListener, SEGMENT_BYTES_MAX, SILENCE_MS } from '@switchyard/protocols/nodes/links'
import type { BrokerState } from '@switchyard/protocols/nodes/links'
import { PermissionViolationError } from '@nats-io/transport-node'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { connectTo, JoinError, transportOf } from './broker.ts'
import type { BrokerOptions } from './broker.ts'
import type { LeanTransport } from './lean-transport.ts'
import { Pieces } from './pieces.ts'

export interface NodeLinksOptions extends BrokerOptions {
  /** Nodes of other clusters are not heard: a word without dots, blanks and wildcards. */
  readonly cluster: string
  readonly node: number
  readonly epoch: number
  /** The highest id that this run may have given; 0 before it serves. */
  readonly highestId: () => number
  /** What `switchyard nodes` is told: JSON. */
  readonly tell?: () => unknown
  readonly clock?: Clock
}

/** A server that is tried in vain is tried again after this, doubled each time. */
const RETRY_MS = { first: 50, last: 1_000 } as const
/** Shorter segments get memory of their own. */
const PIECE_BYTES_MIN = 8 * 1024

/** A listener for links to all other nodes of a cluster, over NATS. */
export class NodeLinks extends LinkListener implements AsyncDisposable {
  readonly #options: NodeLinksOptions
  readonly #clock: Clock
  readonly #pieces = new Pieces(SEGMENT_BYTES_MAX)
  #connection: NatsConnection | undefined
  #transport: LeanTransport | undefined
  #cancelTick: Cancel | undefined
  #upSince = 0
  #complaint: string | undefined
  #joined: (() => void) | undefined
  #refused: ((error: JoinError) => void) | undefined
  #closed = false
  #running: Promise<void> | undefined
  #interrupt: (() => void) | undefined

  private constructor(options: NodeLinksOptions) {
    const clock = options.clock ?? liveClock
    super(options, clock)
    this.#options = options
    this.#clock = clock
  }

  /** Settles once this node may serve. Rejects with JoinError. */
  static async join(options: NodeLinksOptions): Promise<NodeLinks> {
    const links = new NodeLinks(options)
    try {
      await links.#join()
      return links
    } catch (error) {
      await links[Symbol.asyncDispose]()
      throw error
    }
  }

  async #join(): Promise<void> {
    const connection = await this.#connect()
    const joined = new Promise<void>((resolve, reject) => {
      this.#joined = resolve
      this.#refused = reject
    })
    this.#running = this.#run(connection)
    const patienceMs = 3 * SILENCE_MS
    const cancel = this.#clock.after(patienceMs, () => this.#refused?.(this.#notHeard(patienceMs)))
    try {
      await joined
    } finally {
      cancel()
      this.#refused = undefined
    }
  }

  #notHeard(afterMs: number): JoinError {
    const { node, cluster } = this.#options
    return new JoinError(
      'not-heard',
      `node ${node} has not heard its own beat for ${afterMs} ms: ${this.#complaint ?? 'the broker says nothing'}. ` +
        `It must be allowed to publish and to subscribe to sw.${cluster}.>`,
    )
  }

  get broker(): { readonly state: BrokerState; readonly server: string } {
    return this.#connection
      ? { state: 'connected', server: this.#connection.getServer() }
      : { state: 'away', server: this.#options.servers.join(',') }
  }

  /** Ends the connection to the broker, and with it every link. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#interrupt?.()
    await this.#connection?.close()
    await this.#running
  }

  // The broker ---------------------------------------------------------------------------------------------------------

  #connect(): Promise<NatsConnection> {
    const { cluster, node } = this.#options
    return connectTo(this.#options, `switchyard ${cluster} node ${node}`)
  }

  /** One connection to a broker after the other, until it is closed: each is one generation of links. */
  async #run(first: NatsConnection): Promise<void> {
    let connection: NatsConnection | undefined = first
    let retryMs: number = RETRY_MS.first
    while (!this.#closed) {
      if (connection) {
        retryMs = RETRY_MS.first
        await this.#serve(connection)
        connection = undefined
        continue
      }
      await this.#pause(retryMs)
      retryMs = Math.min(retryMs * 2, RETRY_MS.last)
      connection = this.#closed ? undefined : await this.#connect().catch(() => undefined)
    }
    await connection?.close()
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve)
      this.#interrupt = () => {
        cancel()
        resolve()
      }
    })
  }

  async #serve(connection: NatsConnection): Promise<void> {
    this.#connection = connection
    const { cluster, node } = this.#options
    const receive = (error: Error | null, message: Msg): void => {
      if (error) this.#complaint = error.message
      else this.machine.received(message.data, this.#clock.now())
    }
    connection.subscribe(`sw.${cluster}.beat`, { callback: receive })
    this.#listen(connection)
    connection.subscribe(`sw.${cluster}.node.${node}`, { callback: receive })
    connection.subscribe(`sw.${cluster}.who`, {
      callback: (error, message) => {
        if (!error) message.respond(JSON.stringify(this.#options.tell?.() ?? {}))
      },
    })
    const complaints = this.#listenForComplaints(connection)
    const server = connection.getServer()
    this.emit('broker', 'connected', server)
    this.#upSince = this.#clock.now()
    this.machine.busUp(this.#upSince)
    this.#tick()
    await connection.closed()
    this.#connection = undefined
    this.#transport = undefined
    this.#cancelTick?.()
    this.machine.busDown()
    this.emit('broker', 'away', server)
    await complaints
  }

  /** A subject that is not allowed is told of by the way only. */
  async #listenForComplaints(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'error' && status.error instanceof PermissionViolationError) {
        this.#complaint = status.error.message
      }
    }
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(BEAT_MS / 4, () => {
      const now = this.#clock.now()
      this.machine.tick(now)
      // A broker that hangs keeps its connections: another one may not.
      const mute = this.machine.state === 'listening' && now - this.#upSince > 3 * SILENCE_MS
      if (mute && !this.#refused) void this.#connection?.close()
      else if (this.#connection) this.#tick()
    })
    if (this.machine.state !== 'listening') this.#upSince = this.#clock.now()
  }

  /** Segments take the short way: past the client, in both directions. */
  #listen(connection: NatsConnection): void {
    const { cluster, node } = this.#options
    this.#transport = transportOf(connection)
    this.#transport?.listen({
      subject: `sw.${cluster}.node.${node}`,
      memory: (bytes) => {
        if (bytes < PIECE_BYTES_MIN || bytes > SEGMENT_BYTES_MAX) return new Uint8Array(bytes)
        return this.#pieces.take().subarray(0, bytes)
      },
      take: (segment) => this.machine.received(segment, this.#clock.now()),
    })
  }

  /** A chunk that came over a link is used no more. */
  recycle(chunk: Uint8Array): void {
    this.#pieces.put(chunk)
  }

  protected override newSegment(): Uint8Array {
    return this.#pieces.take()
  }

  protected override publish(to: number | 'everybody', segment: Uint8Array): void {
    if (this.#connection?.isClosed() !== false) return
    const { cluster } = this.#options
    if (to === 'everybody') this.#connection.publish(`sw.${cluster}.beat`, segment)
    else this.#transport?.publish(`sw.${cluster}.node.${to}`, segment, () => this.#pieces.put(segment))
  }

  protected override joined(): void {
    this.#joined?.()
  }

  protected override numberTaken(epoch: number): void {
    const { node, cluster } = this.#options
    const error = new JoinError(
      'number-taken',
      `another node serves as node ${node} of ${cluster} (its epoch is ${epoch}, this one's ${this.#options.epoch})`,
    )
    if (this.#refused) this.#refused(error)
    else this.emit('lost', error)
  }
}
