/**
 * Three servers and a bus that drops, doubles, delays and reorders, in one simulation: the patterns' own files, the node router and the link
 * machine, with time and every order of events in the hands of a seed.
 */
import { Random } from '@switchyard/core'
import type { Pattern } from '@switchyard/core'
import { firstIdOf } from '@switchyard/protocols/nodes'
import { settle, SimClock } from '@switchyard/sim'
import type { Action } from '@switchyard/sim'
import { Book, totalsOf } from './books.ts'
import type { Totals } from './books.ts'
import type { PlantedFault } from './faults.ts'
import { BUFFERS, SimClient } from './sim-client.ts'
import type { Violation } from './sim-client.ts'
import { BEAT_MS, Bus, CALM, SimNode } from './sim-node.ts'

const NODES = 3
const CLIENTS = 2
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

export interface SimulatedRun {
  readonly totals: Totals
  readonly events: number
  readonly violation: Violation | undefined
}

/** Never rejects for a violation. The same seed makes the same run. */
export async function simulateNodes(pattern: Pattern, seed: number, fault?: PlantedFault): Promise<SimulatedRun> {
  return new NodesSimulation(pattern, seed, fault).run()
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
