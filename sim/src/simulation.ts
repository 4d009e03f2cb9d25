import type { Pattern, Protocol, Server } from '@switchyard/core'
import { candidatesOf, createClient, DISK_ACTOR, SHUTDOWN_ACTOR, TIME_ACTOR, TURN_ACTOR } from './candidates.ts'
import type { Candidate, ClientCandidates, SimClient } from './candidates.ts'
import type { Choices } from './choices.ts'
import type { Checker, RunView } from './checker.ts'
import type { Event, Outcome, Violation } from './events.ts'
import { Footprint } from './footprint.ts'
import { Link } from './network.ts'
import { numbered } from './numbered.ts'
import { Scheduler } from './scheduler.ts'
import { settle } from './settle.ts'
import type { SimClock } from './sim-clock.ts'
import { SimDisk } from './sim-disk.ts'
import { acceptsOf, cutsOf } from './partial-io.ts'
import type { Conversation, Speech } from './speech.ts'
import type { World } from './world.ts'

export interface SimulationOptions<Say> {
  readonly pattern: Pattern
  readonly createProtocol: (world: World<Say>) => Protocol
  readonly world: World<Say>
  readonly speech: Speech<Say>
  readonly choices: Choices
  readonly checker: Checker<Say>
  /** A run that has not come to rest by then never will: a violation. Default 10,000. */
  readonly eventsMax?: number
}

const EVENTS_MAX = 10_000
const NOTHING: Uint8Array = new Uint8Array(0)

/** What a client's next say comes to, for as long as no client knows anything new. */
interface Words {
  readonly move: number
  readonly knowledge: number
  /** Undefined: it cannot be said yet. */
  readonly bytes: Uint8Array | undefined
  readonly looked: readonly number[]
}

/**
 * Runs a server's own files on simulated connections, one I/O event at a time. After each event everything that follows
 * from it (ticks, promises) is let happen before the next one is chosen; the end of a turn is an event of its own, so that
 * several others can share a turn. Time moves only when nothing else can happen, or where the world lets it (`timeMs`).
 *
 * `run` asks `choices` which event is next. Whoever wants to decide that otherwise calls `candidates` and `step`.
 */
export class Simulation<Say> implements RunView<Say> {
  readonly clients: readonly SimClient[]
  readonly server: Server
  readonly world: World<Say>
  readonly disk: SimDisk | undefined
  /** What the latest step touched. */
  readonly footprint: Footprint = new Footprint()
  readonly #options: SimulationOptions<Say>
  readonly #scheduler = new Scheduler()
  readonly #events: Event<Say>[] = []
  readonly #of: readonly ClientCandidates[]
  readonly #conversation: Conversation<Say>
  readonly #words: Words[] = []
  /** How often any client has come to know something new. */
  #knowledge = 0
  /** By the server's id. */
  readonly #clientOf = new Map<number, number>()
  #prologue: boolean
  #shutdown: 'no' | 'begun' | 'done' = 'no'
  #crash: { readonly error: unknown } | undefined
  #violation: Violation | undefined
  #over = false

  constructor(options: SimulationOptions<Say>) {
    const { pattern, createProtocol, world, speech } = options
    this.#options = options
    this.world = world
    this.#prologue = world.prologue ?? false
    this.#conversation = speech.begin(world.clients.length)
    this.clients = world.clients.map((_, index) => this.#createClient(index))
    this.#of = this.clients.map(candidatesOf)
    const { listener, clock } = this.#scheduler
    this.disk = world.disk && new SimDisk(world.disk)
    const protocol = createProtocol(world)
    this.server = pattern.serve(this.disk?.journaling(protocol) ?? protocol, listener, {
      ...world.limits,
      clock,
      ...(this.disk && { commit: this.disk.commit }),
    })
  }

  get clock(): SimClock {
    return this.#scheduler.clock
  }

  get now(): number {
    return this.clock.now()
  }

  get timerPending(): boolean {
    return this.clock.timerPending
  }

  get shutdown(): 'no' | 'begun' | 'done' {
    return this.#shutdown
  }

  /** The first violation, or rest: nothing is left to happen, not even with time. */
  get over(): boolean {
    return this.#over
  }

  /** To the end. */
  async run(): Promise<Outcome<Say>> {
    const { choices } = this.#options
    while (!this.#over) {
      const candidates = this.candidates()
      await this.step(candidates.length > 1 ? chosen(candidates, choices) : candidates[0])
    }
    return this.outcome()
  }

  outcome(): Outcome<Say> {
    return {
      events: this.#events,
      violation: this.#violation,
      waits: numbered(this.server.waits.render(), this.#clientOf),
    }
  }

  /** Everything that could happen next, the plainest first: what has begun goes on before anything new begins. */
  candidates(): Candidate[] {
    const candidates: Candidate[] = []
    for (const { client, deliver, accept, read, end } of this.#of) {
      if (!client.connected) continue
      const { link } = client
      if (link.arrival !== 'none') candidates.push(deliver)
      if (link.acceptable) candidates.push(accept)
      if (!client.stalled && link.readable > 0) candidates.push(read)
      if (!client.stalled && client.end === undefined && link.end !== undefined) candidates.push(end)
    }
    if (this.disk?.canEnd) candidates.push({ kind: 'sync', actor: DISK_ACTOR })
    if (this.clock.turnPending) candidates.push({ kind: 'turn', actor: TURN_ACTOR })
    for (const { client, connect } of this.#of) if (!client.connected && !client.refused) candidates.push(connect)
    if (this.#prologue) {
      const opening = candidates.length > 0 ? candidates : this.#introductions()
      this.#prologue = opening.length > 0 && !this.#introduced
      if (this.#prologue) return opening.slice(0, 1)
    }
    for (const { client, move } of this.#of) if (client.connected && this.#canMove(client)) candidates.push(move)
    if (this.#canShutDown(candidates)) candidates.push({ kind: 'shutdown', actor: SHUTDOWN_ACTOR })
    if (candidates.length > 0 && this.#canPass) candidates.push({ kind: 'time', actor: TIME_ACTOR })
    return candidates
  }

  get #canPass(): boolean {
    const { timeMs } = this.world
    return timeMs !== undefined && this.clock.timerBy(timeMs)
  }

  #canShutDown(others: readonly Candidate[]): boolean {
    const { shutdown, shutdownAfter = 0 } = this.world
    return shutdown && this.#shutdown === 'no' && (this.#events.length >= shutdownAfter || others.length === 0)
  }

  /** Lets one of the candidates happen; when there is none, time moves to the next timer. */
  async step(candidate: Candidate | undefined): Promise<void> {
    if (candidate) {
      this.footprint.clear()
      this.#happened(await this.#perform(candidate))
      return
    }
    const { checker } = this.#options
    this.#violation = checker.rest?.(this)
    if (!this.#violation) {
      if (await this.pass()) return
      this.#violation = this.#crashed ?? checker.end(this)
    }
    this.#over = true
  }

  /**
   * Lets time pass to the first timer that is due by `until`, and returns that event; if there is none, time moves to
   * `until`. For whoever decides when each event happens, and not only in which order: no rest is judged.
   */
  async pass(until?: number): Promise<Event<Say> | undefined> {
    this.footprint.clear()
    this.footprint.server()
    if (!(await this.#scheduler.passTime(until))) return undefined
    return this.#happened({ kind: 'time', now: this.clock.now() })
  }

  /**
   * Code of the server's threw where no caller could catch it. Only its surroundings hear of that (`uncaughtException` of
   * a process, `error` of a window); they tell the run that is under way, which ends with a violation.
   */
  crashed(error: unknown): void {
    this.#crash ??= { error }
  }

  get #crashed(): Violation | undefined {
    return this.#crash && { clause: 'crash', message: String(this.#crash.error) }
  }

  #happened(event: Event<Say>): Event<Say> {
    this.#events.push(event)
    this.#violation = this.#crashed ?? this.#options.checker.after(event, this) ?? this.#endless
    this.#over = this.#violation !== undefined
    return event
  }

  get #endless(): Violation | undefined {
    const { eventsMax = EVENTS_MAX } = this.#options
    if (this.#events.length < eventsMax) return undefined
    return { clause: 'G1', message: `no rest after ${eventsMax} events` }
  }

  /** A prologue is over when every client that was let in is introduced, or nothing gets on any more. */
  get #introduced(): boolean {
    return this.clients.every(({ refused, end, index }) => {
      return refused || end !== undefined || this.#conversation.introduced(index)
    })
  }

  #introductions(): Candidate[] {
    const { speech } = this.#options
    return this.#of.flatMap(({ client, move }) => {
      const next = this.world.clients[client.index]?.[client.nextMove]
      if (next?.kind !== 'say' || !speech.introduces?.(next.say) || this.#conversation.introduced(client.index))
        return []
      return client.connected && this.#canMove(client) ? [move] : []
    })
  }

  #canMove(client: SimClient): boolean {
    if (client.end !== undefined) return false
    const move = this.world.clients[client.index]?.[client.nextMove]
    if (!move) return false
    if (move.kind !== 'say') return true
    return client.link.space > 0 && (client.rest ?? this.#wordsOf(client, move.say).bytes) !== undefined
  }

  #wordsOf({ index, nextMove }: SimClient, say: Say): Words {
    const known = this.#words[index]
    if (known && known.move === nextMove && known.knowledge === this.#knowledge) return known
    const looked: number[] = []
    const bytes = this.#conversation.bytesOf(index, say, (at) => looked.push(at))
    return (this.#words[index] = { move: nextMove, knowledge: this.#knowledge, bytes, looked })
  }

  async #perform(candidate: Candidate): Promise<Event<Say>> {
    switch (candidate.kind) {
      case 'turn':
        this.footprint.server()
        await this.#scheduler.endTurn()
        return { kind: 'turn' }
      case 'sync':
        this.footprint.server()
        this.disk?.end()
        await settle()
        return { kind: 'sync', committed: this.disk?.committed ?? 0 }
      case 'time':
        this.footprint.server()
        await this.#scheduler.passTime()
        return { kind: 'time', now: this.clock.now() }
      case 'shutdown':
        return this.#shutDown()
      case 'connect':
        return this.#connect(candidate.client)
      case 'deliver':
        return this.#deliver(candidate.client)
      case 'accept': {
        this.footprint.server()
        const bytes = candidate.client.link.accept()
        await settle()
        return { kind: 'accept', client: candidate.client.index, bytes }
      }
      case 'read':
        return this.#read(candidate.client)
      case 'end':
        return this.#end(candidate.client)
      case 'move':
        return this.#move(candidate.client)
    }
  }

  async #shutDown(): Promise<Event<Say>> {
    this.footprint.server()
    this.#shutdown = 'begun'
    void this.server.shutdown().then(() => void (this.#shutdown = 'done'))
    await settle()
    return { kind: 'shutdown' }
  }

  async #connect(client: SimClient): Promise<Event<Say>> {
    this.footprint.server()
    this.footprint.connection(client.index)
    const { accepted } = this.server.statistics().connections
    client.connected = this.#scheduler.listener.connect(client.link)
    client.refused = !client.connected
    await settle()
    // Ids count upwards (R2.1), so this one's is the number of connections accepted by now.
    const id = this.server.statistics().connections.accepted
    if (id > accepted) this.#clientOf.set(id, client.index)
    return { kind: 'connect', client: client.index, refused: client.refused }
  }

  async #deliver({ index, link }: SimClient): Promise<Event<Say>> {
    this.footprint.server()
    const what = link.arrival
    if (what === 'none') throw new Error('nothing to deliver')
    const bytes = link.deliver(what === 'bytes' ? this.#cut(link.unread()) : 0)
    await settle()
    return { kind: 'deliver', client: index, what, bytes }
  }

  #cut(unread: Uint8Array): number {
    return this.world.cuts === 'whole'
      ? unread.length
      : this.#split(cutsOf(unread, this.#options.speech.messageEnd?.(unread) ?? 0), 'cut')
  }

  #acceptable(space: number): number {
    return this.#prologue ? space : this.#split(acceptsOf(space), 'accept')
  }

  #split(counts: readonly number[], kind: 'cut' | 'accept'): number {
    return counts[counts.length > 1 ? this.#options.choices.choose(counts.length, kind) : 0]!
  }

  #read(client: SimClient): Event<Say> {
    const { index, link } = client
    this.footprint.reading(index)
    const bytes = link.take(link.readable)
    if (this.#conversation.hear(index, bytes)) {
      this.#knowledge++
      this.footprint.learnt(index)
    }
    return { kind: 'read', client: index, bytes }
  }

  /** From now on the client makes no move: so it has to do with whatever a move has to do with. */
  #end(client: SimClient): Event<Say> {
    this.footprint.connection(client.index)
    client.end = client.link.end
    return { kind: 'end', client: client.index, end: client.end ?? 'fin' }
  }

  #move(client: SimClient): Event<Say> {
    const move = this.world.clients[client.index]![client.nextMove]!
    let sent = NOTHING
    switch (move.kind) {
      case 'say': {
        const rest = client.rest ?? this.#say(client, move.say)
        sent = rest.subarray(0, client.link.send(rest))
        client.rest = sent.length < rest.length ? rest.subarray(sent.length) : undefined
        break
      }
      case 'fin':
        client.link.fin()
        break
      case 'reset':
        client.link.reset()
        break
      case 'stall':
      case 'resume':
        this.footprint.reading(client.index)
        client.stalled = move.kind === 'stall'
    }
    const whole = client.rest === undefined
    if (whole) client.nextMove++
    return { kind: 'move', client: client.index, move, sent, bytes: sent.length, whole }
  }

  #say(client: SimClient, say: Say): Uint8Array {
    const { bytes, looked } = this.#wordsOf(client, say)
    if (!bytes) throw new Error('nothing can be said yet')
    for (const at of looked) this.footprint.looked(at)
    return bytes
  }

  #createClient(index: number): SimClient {
    const link = new Link(this.world.buffers, {
      acceptable: (space) => this.#acceptable(space),
      touched: (direction) => this.footprint.link(index, direction),
    })
    return createClient(index, link)
  }
}

function chosen(candidates: readonly Candidate[], choices: Choices): Candidate | undefined {
  const actors = candidates.map(({ actor }) => actor)
  return candidates[choices.choose(actors.length, 'next', actors)]
}
