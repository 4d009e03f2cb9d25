/** Three nodes in this process as one target: its clients are spread over them in turn, and time is what the case moves. */
import { EventEmitter, once } from 'node:events'
import type { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { ManualClock, pair } from '@switchyard/core'
import type { Limits, Listener, Pattern, Server, StatisticsSnapshot } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { connectTcp } from '@switchyard/conformance'
import type { Site, Target } from '@switchyard/conformance'
import { settlesWithin, unmoved } from '@switchyard/harness/portable'
import { firstIdOf, lastIdOf, NodeRouter } from '@switchyard/protocols/nodes'

/** Looks without a change, after which three servers count as at rest. */
const LOOKS = 10
/** What a link takes that is not read: as the adapter's. */
const LINK_BYTES = 4 * 1024 * 1024

export function spread(pattern: Pattern, count = 3): Target {
  return {
    name: `${pattern.name} on ${count} nodes`,
    offers: ['wire'],
    ...(pattern.fails && { fails: pattern.fails }),
    open: (limits) => SpreadSite.open(pattern, count, limits),
    async [Symbol.asyncDispose]() {},
  }
}

interface Node {
  readonly tcp: NetServer
  readonly server: Server
  readonly router: NodeRouter
  readonly listener: NodeListener
}

/** Brings clients over TCP, and streams of this process with a role. */
export class NodeListener
  extends EventEmitter<{ connection: [stream: Duplex]; error: [error: Error] }>
  implements Listener
{
  readonly #tcp: NetServer
  readonly #roles = new WeakMap<Duplex, string>()

  constructor(tcp: NetServer) {
    super()
    this.#tcp = tcp
    tcp.on('connection', (socket) => this.emit('connection', socket))
  }

  bring(stream: Duplex, role: string): void {
    this.#roles.set(stream, role)
    this.emit('connection', stream)
  }

  roleOf(stream: Duplex): string {
    return this.#roles.get(stream) ?? 'client'
  }

  close(): void {
    this.#tcp.close()
  }
}

export class SpreadSite implements Site {
  readonly patienceMs = 3_000
  readonly #nodes: readonly Node[]
  readonly #clock: ManualClock
  readonly #limits: Limits
  #next = 0
  #end: Promise<void> | undefined

  private constructor(nodes: readonly Node[], clock: ManualClock, limits: Limits) {
    this.#nodes = nodes
    this.#clock = clock
    this.#limits = limits
  }

  static async open(pattern: Pattern, count: number, limits: Limits): Promise<SpreadSite> {
    const clock = new ManualClock()
    const nodes: Node[] = []
    for (let node = 1; node <= count; node++) nodes.push(await start(pattern, node, limits, clock))
    for (const [index, one] of nodes.entries()) {
      for (const other of nodes.slice(index + 1)) {
        const [here, there] = pair({ capacity: LINK_BYTES, clock })
        one.listener.bring(here, 'node')
        other.listener.bring(there, 'node')
      }
    }
    const site = new SpreadSite(nodes, clock, limits)
    await site.settled(() => '')
    return site
  }

  connect(): Promise<Duplex> {
    const node = this.#nodes[this.#next++ % this.#nodes.length]
    if (!node) throw new Error('there is no node')
    return connectTcp('127.0.0.1', portOf(node.tcp))
  }

  async pass(ms: number): Promise<void> {
    // In steps, since nodes wait for each other.
    for (let step = 0; step < 4; step++) {
      this.#clock.advance(ms / 4)
      await this.settled(() => '')
    }
  }

  settled(progress: () => string): Promise<void> {
    return unmoved(() => `${progress()} ${this.#nodes.map(({ server }) => fingerprint(server)).join(' ')}`, LOOKS)
  }

  shutdown(): Promise<void> {
    return (this.#end ??= Promise.all(this.#nodes.map((node) => this.#leave(node))).then(() => {}))
  }

  async #leave({ listener, server }: Node): Promise<void> {
    const [outer, inner] = pair({ clock: this.#clock })
    outer.on('error', () => {}) // The server has ended first.
    listener.bring(inner, 'leaving')
    outer.write(Uint8Array.of(1))
    outer.resume().once('end', () => outer.end())
    await once(outer, 'close')
    await server.shutdown()
  }

  async release(): Promise<void> {
    const end = this.shutdown()
    for (let step = 0; step < 8; step++) {
      if (await settlesWithin(1, end)) return
      this.#clock.advance(this.#limits.graceMs / 4)
      await Promise.race([end, this.settled(() => '')])
    }
    throw new Error('three nodes did not shut down within twice their grace')
  }

  perNode(): readonly StatisticsSnapshot[] {
    return this.#nodes.map(({ server }) => server.statistics())
  }

  account(): string {
    return this.#nodes.map(({ server }) => `  server: ${server.waits.render()}`).join('\n')
  }
}

async function start(pattern: Pattern, node: number, limits: Limits, clock: ManualClock): Promise<Node> {
  const tcp = await listen()
  try {
    const router = new NodeRouter({
      node,
      epoch: 1,
      messageBytesMax: limits.messageBytesMax,
      leaveMs: limits.graceMs / 4,
    })
    const listener = new NodeListener(tcp)
    const ids = { firstId: firstIdOf(node), idsMax: lastIdOf(node) }
    return { tcp, router, listener, server: pattern.serve(router, listener, { ...limits, ...ids, clock }) }
  } catch (error) {
    tcp.close()
    throw error
  }
}

function fingerprint(server: Server): string {
  const { bytesIn, bytesOut, held, connections, drops } = server.statistics()
  return JSON.stringify([bytesIn, bytesOut, held, connections, drops])
}
