/**
 * Three nodes in one process as one server: what `create` of this suite makes, and `together` serves. Its clients come to the nodes in
 * turn. What a client sends to id 0 is told to the cluster: a trouble (`part 2 3000`), or a question (`lost 16777219`).
 */
import type { Duplex } from 'node:stream'
import { liveClock, pair, WaitForGraph } from '@switchyard/core'
import type {
  ClientId,
  Clock,
  Limits,
  Listener,
  Outbox,
  Pattern,
  Protocol,
  Role,
  Server,
  ServeOptions,
} from '@switchyard/core'
import type { StatisticsSnapshot } from '@switchyard/core'
import type * as protocol from '../src/index.ts'
import type * as links from '../src/links/index.ts'
import { BEAT_MS, LinkMachine, SILENCE_MS } from '../src/links/index.ts'
import { NodeRouter } from '../src/node-router.ts'
import { OwnIds } from '../src/own-ids.ts'
import type { IdMemory } from '../src/own-ids.ts'
import { Bus, isMishap } from './bus.ts'
import { SimNode } from './node.ts'

export const NODES = 3
/** Beats without anything else by which every break has healed, or never will: then no more are sent until something happens. */
const QUIET_BEATS = 26
/** So many beats before the first event, links stand. */
const JOINING_BEATS = 16

/** What nodes are made of: the sound classes, or copies with a planted fault. */
export interface Parts {
  readonly Router: typeof NodeRouter
  readonly Machine: typeof LinkMachine
  readonly Ids: typeof OwnIds
}

export const SOUND: Parts = { Router: NodeRouter, Machine: LinkMachine, Ids: OwnIds }

/** `source` is a copy of the protocol, or of its links, which may have a planted fault. */
export function partsOf(source: Partial<typeof protocol & typeof links>): Parts {
  return {
    Router: source.NodeRouter ?? NodeRouter,
    Machine: source.LinkMachine ?? LinkMachine,
    Ids: source.OwnIds ?? OwnIds,
  }
}

export interface ClusterOptions {
  readonly messageBytesMax: number
  readonly windowBytes?: number
  readonly leaveMs?: number
}

interface StartOptions {
  readonly number: number
  readonly epoch: number
  /** Default: the cluster's. */
  readonly messageBytesMax?: number
}

/** Something that no client can see, and that must not be. */
export interface Wrong {
  readonly clause: string
  readonly message: string
}

/** Three nodes that one server of a pattern each runs: see `together`. */
export class Cluster implements Protocol {
  readonly options: ClusterOptions
  readonly parts: Parts
  readonly nodes: SimNode[] = []
  wrong: Wrong | undefined
  /** How often a node was killed, or has left. */
  ended = 0

  constructor(options: ClusterOptions, parts: Parts = SOUND) {
    this.options = options
    this.parts = parts
  }

  get living(): readonly SimNode[] {
    return this.nodes.filter(({ dead }) => !dead)
  }

  connected(_client: number, _out: Outbox, _role: Role): void {
    throw new TypeError('several nodes are served together, and not by one server')
  }

  received(): void {}

  disconnected(): void {}

  heldBytes(): number {
    return 0
  }

  /** Of what was sent to a client, the messages that living nodes say did not arrive. */
  lost(client: number): number {
    let lost = 0
    for (const { router } of this.living) {
      for (const count of Object.values(router.snapshot().lossesOf[String(client)] ?? {})) lost += count
    }
    return lost
  }
}

/** Runs a `Cluster` on servers of one pattern. Throws TypeError for any other protocol. */
export function together(pattern: Pattern): Pattern {
  return {
    ...pattern,
    serve(protocol, listener, options = {}) {
      if (!(protocol instanceof Cluster)) throw new TypeError('nodes are served together, and nothing else')
      return new NodesServer(pattern, protocol, listener, options)
    },
  }
}

class NodesServer implements Server {
  readonly #pattern: Pattern
  readonly #cluster: Cluster
  readonly #options: ServeOptions
  readonly #clock: Clock
  readonly #bus: Bus
  readonly #stopListening: () => void
  /** The highest id of each node. */
  readonly #disks = new Map<number, ClientId>()
  readonly #lostDisks = new Set<number>()
  #beatsToJoin = JOINING_BEATS
  #clients = 0
  #refused = 0
  #strangersEnded = 0
  #beating = false
  /** Beats with which no segment was published. */
  #quiet = 0
  #over: Promise<void> | undefined

  constructor(pattern: Pattern, cluster: Cluster, listener: Listener, options: ServeOptions) {
    this.#pattern = pattern
    this.#cluster = cluster
    this.#options = options
    this.#clock = options.clock ?? liveClock
    this.#bus = new Bus(this.#clock, () => this.#keepBeating())
    this.#stopListening = () => void listener.close()
    for (let number = 1; number <= NODES; number++) this.#start({ number, epoch: 1 })
    for (; this.#beatsToJoin > 0; this.#beatsToJoin--) this.#beat()
    this.#keepBeating()
    listener.on('connection', (socket) => this.#accept(socket))
  }

  #accept(socket: Duplex): void {
    const serving = this.#cluster.living.filter(({ server }) => server).toSorted((a, b) => a.number - b.number)
    // In turn, and past a node that does not serve: to the next one.
    const wanted = this.#clients++ % NODES
    const node = serving.find(({ number }) => number > wanted) ?? serving[0]
    if (node) return node.accept(socket)
    this.#refused++
    socket.destroy()
  }

  // Nodes --------------------------------------------------------------------------------------------------------------

  #start({ number, epoch, messageBytesMax }: StartOptions): void {
    const { parts, options, nodes } = this.#cluster
    const own = { ...options, ...(messageBytesMax !== undefined && { messageBytesMax }) }
    const ids = new parts.Ids(number, this.#diskOf(number))
    const router = new parts.Router({ node: number, epoch, ids, ...own })
    const node = new SimNode(
      { number, epoch, router, ids },
      {
        pattern: this.#pattern,
        options: this.#options,
        clock: this.#clock,
        bus: this.#bus,
        Machine: parts.Machine,
        now: () => this.#now(),
        told: (text) => this.#told(text),
        joined: (joined) => this.#joined(joined),
        numberTaken: (taken) => this.#end(taken),
        moved: () => this.#keepBeating(),
      },
    )
    nodes.push(node)
    this.#bus.stations.push(node)
    node.machine.busUp(this.#now())
  }

  #joined(node: SimNode): void {
    const rival = this.#cluster.living.find((other) => {
      return other !== node && other.number === node.number && other.machine.state === 'joined'
    })
    if (rival && this.#bus.joinedFor(node.number) > 2 * SILENCE_MS) {
      this.#cluster.wrong ??= { clause: 'N1.3', message: `two nodes with number ${node.number} serve` }
    }
    const before = this.#cluster.nodes.filter(({ number, epoch }) => number === node.number && epoch < node.epoch)
    const given = Math.max(0, ...before.map(({ highestId }) => highestId))
    const diedAt = Math.max(...before.map((run) => run.diedAt))
    // Without its disk a node depends on others, who have heard of its ids and are heard.
    const witnessed = this.#cluster.living.some((other) => other !== node && other.servesSince < diedAt)
    const knows = this.#lostDisks.has(node.number) ? witnessed && !this.#bus.wasParted : true
    node.serve()
    if (knows && node.firstId <= given) {
      this.#cluster.wrong ??= { clause: 'N1.2', message: `node ${node.number} gives ${node.firstId} again` }
    }
  }

  #end(node: SimNode): void {
    if (node.dead) return
    if (node.server) this.#cluster.ended++
    node.kill()
  }

  /** Outlives the runs of its node. */
  #diskOf(number: number): IdMemory {
    return {
      read: () => this.#disks.get(number) ?? 0,
      write: (highestId) => void this.#disks.set(number, highestId),
    }
  }

  /** One timer for all nodes, for as long as anything but beats may follow from it. */
  #keepBeating(): void {
    this.#quiet = 0
    if (!this.#beating) this.#beatLater()
  }

  #beatLater(): void {
    if (this.#over) return
    this.#beating = true
    this.#clock.after(BEAT_MS, () => {
      this.#beating = false
      this.#quiet++
      this.#beat()
      if (this.#quiet < QUIET_BEATS) this.#beatLater()
    })
  }

  #beat(): void {
    this.#bus.deliver() // Nothing takes longer on the bus than from one beat to the next.
    for (const { machine, dead } of this.#cluster.nodes) if (!dead) machine.tick(this.#now())
  }

  /** As the nodes have it: they have joined before the first event. */
  #now(): number {
    return this.#clock.now() - this.#beatsToJoin * BEAT_MS
  }

  // Troubles and questions ---------------------------------------------------------------------------------------------

  #told(text: string): string | undefined {
    const [word = '', first = '', second = ''] = text.split(' ')
    if (word === 'lost') return `${word} ${this.#cluster.lost(Number(first))}`
    if (word === 'strangers') return `${word} ${this.#strangersEnded}`
    if (word === 'links') return `${word} ${this.#links()}`
    if (word === 'parked') return `${word} ${this.#parked()}`
    if (word === 'queued') return `${word} ${this.#queued()}`
    if (word === 'refused') return `${word} ${this.#cluster.nodes.filter(({ dead, server }) => dead && !server).length}`
    if (word === 'too-long') return `${word} ${this.#tooLong()}`
    // Behind the step in which it is told.
    this.#clock.turn(() => this.#trouble(word, first, second))
    return undefined
  }

  #links(): number {
    return this.#cluster.living.reduce((sum, { router }) => {
      return sum + router.snapshot().peers.filter(({ state }) => state === 'linked').length
    }, 0)
  }

  #tooLong(): number {
    return this.#cluster.living.reduce((sum, { router }) => sum + router.snapshot().losses['too-long'], 0)
  }

  #parked(): number {
    const all = this.#cluster.living.flatMap(({ router, clientIds }) => clientIds.map((id) => router.heldBytes(id)))
    return Math.max(0, ...all)
  }

  #queued(): number {
    const links = this.#cluster.living.flatMap(({ machine }) => machine.peers)
    return Math.max(0, ...links.map(({ link }) => link?.untakenBytes ?? 0))
  }

  #trouble(word: string, first: string, second: string): void {
    const number = Number(first)
    const ms = Number(second)
    const node = this.#cluster.living.find((each) => each.number === number)
    if (isMishap(word)) this.#bus.befall(number, word, ms)
    else if (word === 'part') this.#bus.part(number, ms)
    else if (word === 'echo') this.#bus.echo()
    else if (word === 'forget') this.#loseDisk(number)
    else if (word === 'start') this.#startAgain(number, ms)
    else if (word === 'stranger' && node) this.#bringStranger(node, second)
    else if (node) {
      if (word === 'cut') {
        node.machine.busDown()
        node.machine.busUp(this.#now())
      } else if (word === 'kill') {
        this.#end(node)
        if (ms > 0) this.#clock.after(ms, () => this.#startAgain(number))
      } else if (word === 'leave') void this.#leave(node)
      else if (word === 'rival') this.#start({ number, epoch: this.#epochAfter(number) })
    }
    this.#keepBeating()
  }

  #loseDisk(number: number): void {
    this.#disks.delete(number)
    this.#lostDisks.add(number)
  }

  #startAgain(number: number, messageBytesMax = 0): void {
    const runs = this.#cluster.nodes.filter((node) => node.number === number)
    if (runs.some(({ dead }) => !dead) || this.#over) return
    this.#start({ number, epoch: this.#epochAfter(number), ...(messageBytesMax > 0 && { messageBytesMax }) })
    this.#keepBeating()
  }

  /** No two runs of a node begin in the same millisecond with the same random part. */
  #epochAfter(number: number): number {
    return 1 + Math.max(...this.#cluster.nodes.filter((node) => node.number === number).map(({ epoch }) => epoch))
  }

  async #leave(node: SimNode): Promise<void> {
    if (!node.server || node.leaving) return
    node.leaving = true
    this.#cluster.ended++
    await node.leave()
    await node.server.shutdown()
    node.dead = true
  }

  #bringStranger(node: SimNode, hex: string): void {
    const [outer, inner] = pair({ clock: this.#clock })
    const over = (): void => void this.#strangersEnded++
    outer
      .on('error', () => {})
      .once('close', over)
      .resume()
    node.acceptStranger(inner)
    outer.write(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)))
  }

  // A server -----------------------------------------------------------------------------------------------------------

  /** Of all nodes that run, with clients alone counted as accepted. */
  statistics(): StatisticsSnapshot {
    const [first, ...others] = this.#cluster.nodes.flatMap(({ server }) => server?.statistics() ?? [])
    if (!first) throw new Error('there is no node')
    const all = [first, ...others]
    const sum = (of: (each: StatisticsSnapshot) => number): number => all.reduce((total, each) => total + of(each), 0)
    const accepted = this.#cluster.nodes.reduce((count, { clientIds }) => count + clientIds.length, 0)
    return {
      ...first,
      connections: { open: sum(({ connections }) => connections.open), accepted, refused: this.#refused },
      bytesIn: sum(({ bytesIn }) => bytesIn),
      bytesOut: sum(({ bytesOut }) => bytesOut),
      held: {
        input: sum(({ held }) => held.input),
        chunks: sum(({ held }) => held.chunks),
        channels: sum(({ held }) => held.channels),
        mailboxes: sum(({ held }) => held.mailboxes),
        queues: sum(({ held }) => held.queues),
        sockets: sum(({ held }) => held.sockets),
        total: sum(({ held }) => held.total),
      },
    }
  }

  get waits(): WaitForGraph {
    const all = new WaitForGraph(() => this.#clock.now())
    for (const { server } of this.#cluster.living) {
      for (const { who, what } of server?.waits.edges() ?? []) all.begin(who, what)
    }
    return all
  }

  shutdown(): Promise<void> {
    return (this.#over ??= this.#shutDown())
  }

  async #shutDown(): Promise<void> {
    this.#stopListening()
    await Promise.all(this.#cluster.nodes.flatMap(({ server }) => (server ? [server.shutdown()] : [])))
    for (const node of this.#cluster.nodes) node.dead = true
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown()
  }
}

/** Limits with which a node's window is the suite's. */
export function clusterOptions({ messageBytesMax, graceMs }: Limits): ClusterOptions {
  return { messageBytesMax, leaveMs: graceMs / 4 }
}
