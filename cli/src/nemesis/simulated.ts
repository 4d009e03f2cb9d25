/**
 * Three servers and a bus that drops, doubles, delays and reorders, in one simulation: the patterns' own files, the node router and the link
 * machine, with time and every order of events in the hands of a seed.
 */
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { decodeSegment, encodeLinkSegment, LinkMachine, LinkStream } from '@switchyard/adapters/nats'
import type { LinkSegment } from '@switchyard/adapters/nats'
import { Random } from '@switchyard/core'
import type { Listener, Pattern, Server } from '@switchyard/core'
import { firstIdOf, lastIdOf, NodeRouter } from '@switchyard/protocols/nodes'
import { encodeMessage } from '@switchyard/protocols/router'
import { Link, settle, SimClock } from '@switchyard/sim'
import type { Action } from '@switchyard/sim'
import { Book, totalsOf } from './books.ts'
import type { KnownLink, PlantedFault } from './faults.ts'
import type { Totals } from './books.ts'

const NODES = 3
const CLIENTS = 2
const BEAT_MS = 250
/** Small, so that windows fill and messages are cut. */
const BUFFERS = { receiveBytes: 96, sendBytes: 64 } as const
const LIMITS = { messageBytesMax: 256, queuedBytesMax: 1024, writeDeadlineMs: 600_000 } as const
const WINDOW_BYTES = 48
const BODY_BYTES = { min: 16, max: 60 } as const
/** Of what is said to a client that reads nothing: more than windows and reads allow has to come together. */
const FLOOD_BODY_BYTES = 220
/**
 * With such bodies a message's frame is as long as three counts, and with such windows few grants come between: so a segment of one link
 * often fits into the stream of another.
 */
const ECHO_BODY_BYTES = 47
const ECHO_WINDOW_BYTES = 4096
/** Begins a frame of messages. */
const DATA = 2
const STEPS = { min: 60, max: 240 } as const
const LONG_STEPS = 800
/** Virtual time after the last fault in which everything must be through and told. */
const HEALING_MS = 6_000
/** Beyond the bound of each destination: chunks, links' queues, sockets. A node that holds more has no bound. */
const HELD_BYTES_MAX = 256 * 1024
/**
 * N4.1, of what waits for one client in front of its queue: from each other node a window, and of each sender there one read and one
 * message, in pieces of a kibibyte; and what the client itself has begun to say.
 */
const PARKED_BYTES_MAX =
  1024 * Math.ceil(((NODES - 1) * (WINDOW_BYTES + CLIENTS * (BUFFERS.receiveBytes + 256))) / 1024 + 1) + 512

/** What happens most, by the seed: everything; what was held back comes into a later link; a stalled client is flooded. */
const WORLDS = ['everything', 'echoes', 'flood'] as const
type World = (typeof WORLDS)[number]

export interface Violation {
  readonly clause: string
  readonly what: string
}

export interface SimulatedRun {
  readonly totals: Totals
  readonly events: number
  readonly violation: Violation | undefined
}

/** Never rejects for a violation. The same seed makes the same run. */
export async function simulateNodes(pattern: Pattern, seed: number, fault?: PlantedFault): Promise<SimulatedRun> {
  return new NodesSimulation(pattern, seed, fault).run()
}

interface NodeRun {
  readonly number: number
  readonly epoch: number
  readonly firstId: number
  readonly windowBytes: number
}

class SimNode extends EventEmitter<{ connection: [stream: Duplex]; error: [error: Error] }> implements Listener {
  readonly number: number
  readonly epoch: number
  readonly router: NodeRouter
  readonly machine: LinkMachine
  readonly server: Server
  readonly #clock: SimClock
  readonly #fault: PlantedFault | undefined
  /** By the other node. */
  readonly #links = new Map<number, KnownLink>()
  /** It was killed: nothing of it moves any more. */
  dead = false
  #highestId = 0

  constructor(
    pattern: Pattern,
    { number, epoch, firstId, windowBytes }: NodeRun,
    clock: SimClock,
    bus: Bus,
    fault?: PlantedFault,
  ) {
    super()
    this.number = number
    this.epoch = epoch
    this.#clock = clock
    this.#fault = fault
    this.#highestId = firstId + 100
    this.router = new NodeRouter({ node: number, epoch, ...LIMITS, windowBytes })
    this.machine = new LinkMachine(
      { node: number, epoch, beatMs: BEAT_MS, highestId: () => this.#highestId },
      {
        publish: (to, segment) => {
          if (to !== 'everybody') this.#learn(to, segment)
          bus.publish(this, to, segment)
        },
        opened: (link) => {
          const stream = new LinkStream(this.machine, link, clock, (written) => clock.turn(() => written.flush()))
          stream.on('error', () => {}) // Its connection hears of it.
          this.emit('connection', stream)
        },
        joined: () => {},
        numberTaken: () => {},
      },
    )
    const protocol = fault?.protocol?.(this.router) ?? this.router
    this.server = pattern.serve(protocol, this, { ...LIMITS, firstId, idsMax: lastIdOf(number), clock })
    this.machine.busUp(clock.now())
    this.#tick()
  }

  #tick(): void {
    this.#clock.after(BEAT_MS, () => {
      if (this.dead) return
      this.machine.tick(this.#clock.now())
      this.#tick()
    })
  }

  receive(bytes: Uint8Array): void {
    this.machine.received(this.#asTaken(bytes), this.#clock.now())
  }

  #asTaken(bytes: Uint8Array): Uint8Array {
    const segment = decodeSegment(bytes)
    const link = segment && this.#links.get(segment.node)
    if (!link || segment.kind !== 'data') return bytes
    const seen = this.#fault?.taken?.(segment, link) ?? segment
    const fits = isOf(link, seen) && seen.at === link.received
    if (fits) this.#links.set(segment.node, { ...link, received: link.received + segment.bytes.length })
    return seen === segment ? bytes : encodeLinkSegment(seen)
  }

  /** It is of an older link, and stands just where the present one goes on. */
  isTempting(bytes: Uint8Array): boolean {
    const segment = decodeSegment(bytes)
    if (segment?.kind !== 'data') return false
    const link = this.#links.get(segment.node)
    const stands = this.machine.peers.some(
      ({ node, link: standing }) => node === segment.node && standing !== undefined,
    )
    return (
      stands && link !== undefined && segment.bytes[0] === DATA && !isOf(link, segment) && segment.at === link.received
    )
  }

  /** What it publishes says which numbers it expects. */
  #learn(to: number, bytes: Uint8Array): void {
    const segment = decodeSegment(bytes)
    if (!segment || segment.kind === 'beat') return
    const { mine: theirs, theirs: mine } = segment
    const known = this.#links.get(to)
    if (known?.mine !== mine || known.theirs !== theirs) this.#links.set(to, { mine, theirs, received: 0 })
  }

  roleOf(stream: Duplex): string {
    return stream instanceof LinkStream ? 'node' : 'client'
  }

  close(): void {}
}

function isOf(link: KnownLink, { mine, theirs }: LinkSegment): boolean {
  return mine === link.mine && theirs === link.theirs
}

/** Of a hundred, but for the last. `echoed`: it comes, and is kept for later too. */
const CALM = { dropped: 0, doubled: 0, late: 0, echoed: 0, reordered: false }

interface Published {
  readonly to: SimNode
  readonly segment: Uint8Array
}

class Bus {
  readonly nodes: SimNode[] = []
  readonly #random: Random
  #published: Published[] = []
  faults = CALM
  /** Held back for a while, until they come into whatever stands then. */
  #late: Published[] = []
  readonly parted = new Set<number>()

  constructor(random: Random) {
    this.#random = random
  }

  publish(from: SimNode, to: number | 'everybody', segment: Uint8Array): void {
    for (const node of this.nodes) {
      if ((to !== 'everybody' && node.number !== to) || node.dead || from.dead) continue
      if (this.parted.has(node.number) || this.parted.has(from.number)) continue
      if (this.#random.below(100) < this.faults.dropped) continue
      const late = this.#random.below(100) < this.faults.late
      if (late || this.#random.below(100) < this.faults.echoed) this.#late.push({ to: node, segment })
      if (!late) this.#published.push({ to: node, segment })
      if (this.#random.below(100) < this.faults.doubled) this.#published.push({ to: node, segment })
    }
  }

  get waiting(): number {
    return this.#published.length
  }

  /** What was held back comes now. */
  release(): void {
    this.#published.unshift(...this.#late.splice(0))
  }

  /** Something that was held back would do harm just now. */
  get tempts(): boolean {
    return this.#late.some(({ to, segment }) => !to.dead && to.isTempting(segment))
  }

  tempt(): void {
    Reflect.set(globalThis, 'TEMPTS', (Reflect.get(globalThis, 'TEMPTS') ?? 0) + 1)
    const index = this.#late.findIndex(({ to, segment }) => !to.dead && to.isTempting(segment))
    const [tempting] = this.#late.splice(index, 1)
    tempting?.to.receive(tempting.segment)
  }

  deliver(): void {
    const index = this.faults.reordered ? this.#random.below(Math.min(4, this.#published.length)) : 0
    const [next] = this.#published.splice(index, 1)
    if (next && !next.to.dead) next.to.receive(next.segment)
  }
}

/** A client: what it reads, and whom it sends to. */
class SimClient {
  readonly node: SimNode
  readonly link: Link
  readonly heard = new Map<string, Book>()
  id = 0
  stalled = false
  gone = false
  #unsent: Uint8Array = new Uint8Array()
  #bytes: number[] = []
  #idBytes = 0

  constructor(node: SimNode, random: Random) {
    this.node = node
    this.link = new Link(BUFFERS, { acceptable: (space) => 1 + random.below(space), touched: () => {} })
    node.emit('connection', this.link.socket)
  }

  get isIn(): boolean {
    return this.#idBytes === 4 && !this.gone && !this.node.dead
  }

  get sending(): boolean {
    return this.#unsent.length > 0
  }

  /** The body has so many bytes, or more. */
  say(to: SimClient, book: Book, bytes: number): void {
    this.#unsent = encodeMessage(to.id, new TextEncoder().encode(`${book.next()} `.padEnd(bytes, 'x')))
    this.send()
  }

  send(): void {
    this.#unsent = this.#unsent.slice(this.link.send(this.#unsent))
  }

  read(max: number): Violation | undefined {
    for (const byte of this.link.take(max)) {
      if (this.#idBytes < 4) {
        this.id = this.id * 256 + byte
        this.#idBytes++
      } else if (byte !== 0) this.#bytes.push(byte)
      else {
        const body = new TextDecoder().decode(Uint8Array.from(this.#bytes))
        this.#bytes = []
        const book = this.heard.get(body.split(' ')[0] ?? '')
        if (!book) return { clause: 'N3.1', what: `client ${this.id} has read "${body}", which nobody sent to it` }
        book.hear(body)
      }
    }
    return undefined
  }
}

class NodesSimulation {
  readonly #pattern: Pattern
  readonly #fault: PlantedFault | undefined
  readonly #world: World
  readonly #random: Random
  readonly #clock = new SimClock()
  readonly #bus: Bus
  readonly #books: Book[] = []
  readonly #bookOf = new Map<string, Book>()
  readonly #ids: number[] = []
  #clients: SimClient[] = []
  #events = 0
  #violation: Violation | undefined
  /** In a flood: whom everybody on other nodes speaks to. */
  #victim: SimClient | undefined

  constructor(pattern: Pattern, seed: number, fault?: PlantedFault) {
    this.#pattern = pattern
    this.#fault = fault
    this.#world = WORLDS[seed % WORLDS.length] ?? 'everything'
    this.#random = new Random(seed)
    this.#bus = new Bus(this.#random)
  }

  async run(): Promise<SimulatedRun> {
    for (let node = 1; node <= NODES; node++) this.#start(node, 1, firstIdOf(node))
    await this.#pass(9 * BEAT_MS)
    for (const node of this.#bus.nodes) for (let count = 0; count < CLIENTS; count++) await this.#join(node)
    await this.#pass(0)
    this.#bus.faults = this.#faultsOfBus()
    if (this.#world === 'flood') {
      this.#victim = this.#clients[this.#random.below(this.#clients.length)]
      if (this.#victim) this.#victim.stalled = true
    }
    const steps = this.#world === 'everything' ? this.#random.integer(STEPS.min, STEPS.max) : LONG_STEPS
    for (let step = 0; step < steps && this.#violation === undefined; step++) await this.#step()
    if (this.#violation === undefined) await this.#heal()
    for (const { server } of this.#bus.nodes) void server.shutdown()
    return { totals: totalsOf(this.#books), events: this.#events, violation: this.#violation }
  }

  #faultsOfBus(): typeof CALM {
    switch (this.#world) {
      case 'everything':
        return {
          dropped: this.#random.below(2) * this.#random.below(8),
          doubled: this.#random.below(2) * this.#random.below(8),
          late: this.#random.below(2) * this.#random.below(8),
          echoed: 0,
          reordered: this.#random.below(3) === 0,
        }
      case 'echoes':
        return { ...CALM, echoed: 50 }
      case 'flood':
        return CALM
    }
  }

  #start(number: number, epoch: number, firstId: number): void {
    const windowBytes = this.#world === 'echoes' ? ECHO_WINDOW_BYTES : WINDOW_BYTES
    const run = { number, epoch, firstId, windowBytes }
    this.#bus.nodes.push(new SimNode(this.#pattern, run, this.#clock, this.#bus, this.#fault))
  }

  async #join(node: SimNode): Promise<void> {
    const client = new SimClient(node, this.#random)
    this.#clients.push(client)
    for (let look = 0; look < 50 && !client.isIn; look++) {
      await this.#calmly()
      client.read(64)
    }
    if (!client.isIn) this.#violates('N2.1', `a client of node ${node.number} was not given an id`)
    if (this.#ids.includes(client.id)) this.#violates('N1.2', `id ${client.id} was given twice`)
    this.#ids.push(client.id)
  }

  #violates(clause: string, what: string): void {
    this.#violation ??= { clause, what }
  }

  /** One event that the seed chooses. */
  async #step(): Promise<void> {
    const actions = [...this.#possible(), ...this.#moves()]
    if (this.#world === 'echoes' && this.#bus.tempts) return this.#bus.tempt()
    if (this.#world !== 'flood' && this.#random.below(this.#world === 'echoes' ? 4 : 12) === 0)
      actions.push(...this.#faults())
    await actions[this.#random.below(actions.length)]?.()
    this.#events++
    await settle()
    this.#look()
  }

  /** What the network, the bus and time can do. */
  #possible(): Action[] {
    const actions: Action[] = []
    for (const client of this.#clients) {
      const { link } = client
      if (client.node.dead) continue
      if (link.arrival !== 'none') actions.push(() => link.deliver(1 + this.#random.below(BUFFERS.receiveBytes)))
      if (link.acceptable) actions.push(() => link.accept())
      if (link.readable > 0 && !client.stalled && !client.gone) actions.push(() => this.#read(client))
      if (client.sending && link.space > 0) actions.push(() => client.send())
    }
    for (let count = 0; count < Math.min(3, this.#bus.waiting); count++) {
      actions.push(() => this.#bus.deliver())
    }
    if (this.#clock.turnPending) for (let count = 0; count < 3; count++) actions.push(() => this.#endTurn())
    return actions
  }

  #read(client: SimClient): void {
    this.#violation ??= client.read(1 + this.#random.below(64))
  }

  async #endTurn(): Promise<void> {
    for (const fn of this.#clock.endTurn()) {
      fn()
      await settle()
    }
  }

  #moves(): Action[] {
    const actions: Action[] = [() => this.#clock.nextTimer()?.()]
    for (const client of this.#clients) {
      if (!client.isIn || client.sending) continue
      const others = this.#clients.filter((other) => other !== client && other.isIn)
      const to = others[this.#random.below(others.length)]
      const victim = this.#victim?.node === client.node ? undefined : this.#victim
      const bytes = victim ? FLOOD_BODY_BYTES : this.#bodyBytes()
      if (to && client.link.space > 0)
        actions.push(() => client.say(victim ?? to, this.#book(client, victim ?? to), bytes))
    }
    return actions
  }

  #bodyBytes(): number {
    return this.#world === 'echoes' ? ECHO_BODY_BYTES : this.#random.integer(BODY_BYTES.min, BODY_BYTES.max)
  }

  #book(from: SimClient, to: SimClient): Book {
    const run = `${from.id}-${to.id}`
    const known = this.#bookOf.get(run)
    if (known) return known
    const book = new Book(from.id, to.id, run)
    this.#bookOf.set(run, book)
    this.#books.push(book)
    to.heard.set(run, book)
    return book
  }

  #faults(): Action[] {
    const living = this.#bus.nodes.filter(({ dead }) => !dead)
    const node = living[this.#random.below(living.length)]
    const client = this.#clients[this.#random.below(this.#clients.length)]
    if (!node || !client) return []
    const cut = (): void => {
      node.machine.busDown()
      node.machine.busUp(this.#clock.now())
    }
    if (this.#world === 'echoes') {
      const cutAndHeal = async (): Promise<void> => {
        cut()
        await this.#pass(4 * BEAT_MS)
      }
      return [cutAndHeal]
    }
    return [
      cut,
      () => this.#bus.release(),
      () => void this.#bus.parted.add(node.number),
      () => this.#bus.parted.clear(),
      () => (client.stalled = !client.stalled),
      () => this.#reset(client),
      () => this.#kill(node),
    ]
  }

  #reset(client: SimClient): void {
    if (!client.isIn) return
    client.gone = true
    client.link.reset()
    this.#end(({ from, to }) => from === client.id || to === client.id)
  }

  /** What its clients had sent, and what it had for them, went with it: their connections' ends say so. */
  #kill(node: SimNode): void {
    node.dead = true
    const theirs = new Set(this.#clients.filter((client) => client.node === node).map(({ id }) => id))
    this.#end(({ from, to }) => theirs.has(from) || theirs.has(to))
  }

  #end(whose: (book: Book) => boolean): void {
    for (const book of this.#books) if (whose(book)) book.ended = true
  }

  /** In every moment. */
  #look(): void {
    for (const node of this.#bus.nodes) {
      const { held } = node.server.statistics()
      if (!node.dead && held.total > HELD_BYTES_MAX)
        this.#violates('N4.1', `node ${node.number} holds ${held.total} bytes`)
    }
    for (const { node, id, isIn } of this.#clients) {
      const parked = isIn ? node.router.heldBytes(id) : 0
      if (parked > PARKED_BYTES_MAX && this.#world !== 'echoes')
        this.#violates('N4.1', `${parked} bytes wait for client ${id}`)
    }
    for (const { duplicates, reordered, strangers, run } of this.#books) {
      if (duplicates + reordered + strangers > 0) {
        this.#violates('N3.1', `${run}: ${duplicates} twice, ${reordered} out of order, ${strangers} strange`)
      }
    }
  }

  /** No more faults: the dead start anew, everybody reads, and everything must be through or told. */
  async #heal(): Promise<void> {
    this.#bus.faults = CALM
    this.#bus.release()
    this.#bus.parted.clear()
    for (const client of this.#clients) client.stalled = false
    for (const dead of this.#bus.nodes.filter((node) => node.dead)) {
      const again = this.#bus.nodes.some(({ number, epoch }) => number === dead.number && epoch > dead.epoch)
      const given = this.#fault?.idsAgain ? 0 : 1000 * dead.epoch
      if (!again) this.#start(dead.number, dead.epoch + 1, firstIdOf(dead.number) + given)
    }
    await this.#pass(HEALING_MS)
    for (const node of this.#bus.nodes) if (!node.dead && node.epoch > 1) await this.#join(node)
    if (this.#violation !== undefined) return
    const living = this.#clients.filter((client) => client.isIn)
    for (const from of living) {
      for (const to of living) if (from !== to) await this.#lastWord(from, to)
    }
    await this.#pass(2 * BEAT_MS)
    for (const book of this.#books.filter(({ ended }) => !ended)) {
      const toIt = this.#books.filter(({ to }) => to === book.to)
      const missing = toIt.reduce((sum, each) => sum + each.missing, 0)
      const reported = this.#reportedFor(book.to)
      book.reported = Math.max(0, reported - missing + book.missing)
      if (missing > reported && toIt.every(({ ended }) => !ended)) {
        this.#violates('N3.1', `of the messages for ${book.to} ${missing} are missing, and ${reported} reported`)
      }
    }
  }

  /** What is sent once all is well arrives. */
  async #lastWord(from: SimClient, to: SimClient): Promise<void> {
    const book = this.#book(from, to)
    for (let look = 0; look < 50 && from.sending; look++) await this.#pass(0)
    const before = book.arrived
    from.say(to, book, 0)
    for (let look = 0; look < 20 && book.arrived === before; look++) await this.#pass(BEAT_MS)
    if (book.arrived === before)
      this.#violates('N2.1', `what ${from.id} sends to ${to.id} does not arrive although all is well`)
  }

  #reportedFor(to: number): number {
    return this.#bus.nodes.reduce((sum, { router, dead }) => {
      const counts = dead ? undefined : router.snapshot().lossesOf[String(to)]
      const untold = this.#fault?.tellsNoLosses ? (counts?.['link-lost'] ?? 0) : 0
      return sum + (counts ? Object.values(counts).reduce((total, count) => total + count, 0) : 0) - untold
    }, 0)
  }

  /** Everything that can happen now, in turn. */
  async #calmly(): Promise<void> {
    for (let count = 0; count < 10_000; count++) {
      const actions = this.#possible()
      if (actions.length === 0) return
      await actions[0]?.()
      if (this.#clock.turnPending) await this.#endTurn()
      this.#events++
      await settle()
    }
    this.#violates('N2.1', 'something happens for ever although nothing is sent')
  }

  /** All that happens in so much time. */
  async #pass(ms: number): Promise<void> {
    const until = this.#clock.now() + ms
    for (;;) {
      await this.#calmly()
      const fn = this.#clock.nextTimer(until)
      if (!fn || this.#violation !== undefined) return
      fn()
      await settle()
    }
  }
}
