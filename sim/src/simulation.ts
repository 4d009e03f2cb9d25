import type { Pattern, Protocol, Server } from '@switchyard/core'
import type { Choices } from './choices.ts'
import { Link, SimListener } from './network.ts'
import type { End } from './network.ts'
import { SimClock } from './sim-clock.ts'
import type { Move, World } from './world.ts'

/** What happened, one I/O event at a time. Clients are numbered from 0 in the order of the world. */
export type Event =
  | { readonly kind: 'connect'; readonly client: number; readonly refused: boolean }
  | { readonly kind: 'move'; readonly client: number; readonly move: Move; readonly bytes: number; readonly whole: boolean }
  /** The server reads what has arrived. */
  | { readonly kind: 'deliver'; readonly client: number; readonly what: 'bytes' | 'fin' | 'reset'; readonly bytes: number }
  /** The kernel takes more of a write that waits. */
  | { readonly kind: 'accept'; readonly client: number; readonly bytes: number }
  /** The client reads. */
  | { readonly kind: 'read'; readonly client: number; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly client: number; readonly end: End }
  | { readonly kind: 'turn' }
  | { readonly kind: 'time'; readonly now: number }
  | { readonly kind: 'shutdown' }

/** The protocol's bytes as its clients write them, and where a client finds its id. */
export interface Wire {
  encode(id: Uint8Array, body: Uint8Array): Uint8Array
  begin(id: Uint8Array, body: Uint8Array): Uint8Array
  /** The id at the beginning of what a client has received; undefined while that is too short. */
  id(received: Uint8Array): Uint8Array | undefined
}

/** Follows a run and says at once when something is wrong; see `Violation`. */
export interface Judge {
  after(event: Event, simulation: Simulation): Violation | undefined
  /** Nothing is left to happen, not even with time. */
  end(simulation: Simulation): Violation | undefined
}

export interface Violation {
  /** R3.4, G1. */
  readonly clause: string
  readonly message: string
}

export interface SimulationOptions {
  readonly pattern: Pattern
  readonly createProtocol: (limits: World['limits']) => Protocol
  readonly world: World
  readonly wire: Wire
  readonly choices: Choices
  readonly judge: Judge
  /** A run that has not come to rest by then never will: a violation. Default 10,000. */
  readonly eventsMax?: number
}

/** How a run ended. */
export interface Outcome {
  readonly events: readonly Event[]
  readonly violation: Violation | undefined
  /** Who waited for whom at the end, as text. */
  readonly waits: string
}

/** One client of the world, as the simulation and its judge see it. */
export interface SimClient {
  readonly index: number
  readonly link: Link
  connected: boolean
  refused: boolean
  id: Uint8Array | undefined
  stalled: boolean
  end: End | undefined
  nextMove: number
  /** Of a message that the kernel has taken in part. */
  rest: Uint8Array | undefined
}

type Candidate =
  | { readonly kind: 'deliver' | 'accept' | 'read' | 'end' | 'move' | 'connect'; readonly client: SimClient }
  | { readonly kind: 'turn' | 'shutdown' }

const EVENTS_MAX = 10_000

/**
 * Runs a server's own files on simulated connections, one I/O event at a time. After each event everything that follows
 * from it (ticks, promises) is let happen before the next one is chosen; the end of a turn is an event of its own, so that
 * several others can share a turn. Time moves only when nothing else can happen.
 */
export class Simulation {
  readonly clock: SimClock = new SimClock()
  readonly clients: readonly SimClient[]
  readonly server: Server
  readonly world: World
  readonly #options: SimulationOptions
  readonly #listener = new SimListener()
  readonly #events: Event[] = []
  #shutdown: 'no' | 'begun' | 'done' = 'no'
  #crash: unknown

  constructor(options: SimulationOptions) {
    const { pattern, createProtocol, world, choices } = options
    this.#options = options
    this.world = world
    const acceptable = (space: number): number => (space > 1 ? [space, 1, space >> 1][choices.choose(3, 'accept')] ?? space : space)
    this.clients = world.clients.map((_, index) => ({
      index,
      link: new Link(world.buffers, acceptable),
      connected: false,
      refused: false,
      id: undefined,
      stalled: false,
      end: undefined,
      nextMove: 0,
      rest: undefined,
    }))
    this.server = pattern.serve(createProtocol(world.limits), this.#listener, { ...world.limits, clock: this.clock })
  }

  get shutdown(): 'no' | 'begun' | 'done' {
    return this.#shutdown
  }

  /** To the end: the first violation, or rest. */
  async run(): Promise<Outcome> {
    const { judge, choices, eventsMax = EVENTS_MAX } = this.#options
    let violation: Violation | undefined
    while (!violation) {
      const candidates = this.#candidates()
      if (candidates.length === 0) {
        const fn = this.clock.nextTimer()
        if (!fn) break
        fn()
        await settle()
        violation = this.#log({ kind: 'time', now: this.clock.now() })
        continue
      }
      const index = candidates.length === 1 ? 0 : choices.choose(candidates.length, 'next')
      violation = await this.#perform(candidates[index] ?? candidates[0]!)
      if (this.#events.length >= eventsMax) {
        violation ??= { clause: 'G1', message: `no rest after ${eventsMax} events` }
      }
    }
    violation ??= judge.end(this)
    return { events: this.#events, violation, waits: this.server.waits.render() }
  }

  #log(event: Event): Violation | undefined {
    this.#events.push(event)
    return this.#options.judge.after(event, this)
  }

  /** Everything that could happen next, the plainest first: what has begun goes on before anything new begins. */
  #candidates(): Candidate[] {
    const candidates: Candidate[] = []
    for (const client of this.clients) {
      if (!client.connected) continue
      const { link } = client
      if (link.arrival !== 'none') candidates.push({ kind: 'deliver', client })
      if (link.acceptable) candidates.push({ kind: 'accept', client })
      if (!client.stalled && link.readable > 0) candidates.push({ kind: 'read', client })
      if (!client.stalled && client.end === undefined && link.end !== undefined) candidates.push({ kind: 'end', client })
    }
    if (this.clock.turnPending) candidates.push({ kind: 'turn' })
    for (const client of this.clients) {
      if (!client.connected) {
        if (!client.refused) candidates.push({ kind: 'connect', client })
      } else if (this.#canMove(client)) {
        candidates.push({ kind: 'move', client })
      }
    }
    if (this.world.shutdown && this.#shutdown === 'no') candidates.push({ kind: 'shutdown' })
    return candidates
  }

  #canMove(client: SimClient): boolean {
    if (client.end !== undefined) return false
    const move = this.world.clients[client.index]?.[client.nextMove]
    if (!move) return false
    if (move.kind !== 'send' && move.kind !== 'begin') return true
    return client.link.space > 0 && this.clients[move.to]?.id !== undefined
  }

  async #perform(candidate: Candidate): Promise<Violation | undefined> {
    switch (candidate.kind) {
      case 'turn':
        for (const fn of this.clock.endTurn()) {
          fn()
          await settle()
        }
        return this.#log({ kind: 'turn' })
      case 'shutdown':
        this.#shutdown = 'begun'
        void this.server.shutdown().then(() => {
          this.#shutdown = 'done'
        })
        await settle()
        return this.#log({ kind: 'shutdown' })
      case 'connect': {
        const { client } = candidate
        client.connected = this.#listener.connect(client.link)
        client.refused = !client.connected
        await settle()
        return this.#log({ kind: 'connect', client: client.index, refused: client.refused })
      }
      case 'deliver':
        return await this.#deliver(candidate.client)
      case 'accept': {
        const { client } = candidate
        const bytes = client.link.accept()
        await settle()
        return this.#log({ kind: 'accept', client: client.index, bytes })
      }
      case 'read':
        return this.#read(candidate.client)
      case 'end': {
        const { client } = candidate
        client.end = client.link.end
        return this.#log({ kind: 'end', client: client.index, end: client.end ?? 'fin' })
      }
      case 'move':
        return this.#move(candidate.client)
    }
  }

  async #deliver({ index, link }: SimClient): Promise<Violation | undefined> {
    const what = link.arrival
    if (what === 'none') throw new Error('nothing to deliver')
    const bytes = link.deliver(what === 'bytes' ? this.#cut(link.unread()) : 0)
    await settle()
    return this.#log({ kind: 'deliver', client: index, what, bytes })
  }

  /** All that has arrived; or where the world allows it, one byte, or up to the first message's end. */
  #cut(unread: Uint8Array): number {
    if (this.world.cuts === 'whole' || unread.length === 1) return unread.length
    const end = unread.indexOf(0, 4) + 1
    const cuts = [unread.length, 1, ...(end > 1 && end < unread.length ? [end] : [])]
    return cuts[this.#options.choices.choose(cuts.length, 'cut')] ?? unread.length
  }

  #read(client: SimClient): Violation | undefined {
    const bytes = client.link.take(client.link.readable)
    if (!client.id) client.id = this.#options.wire.id(bytes)
    return this.#log({ kind: 'read', client: client.index, bytes })
  }

  #move(client: SimClient): Violation | undefined {
    const { wire } = this.#options
    const move = this.world.clients[client.index]![client.nextMove]!
    let bytes = 0
    switch (move.kind) {
      case 'send':
      case 'begin': {
        const id = this.clients[move.to]!.id!
        const rest = client.rest ?? (move.kind === 'send' ? wire.encode(id, move.body) : wire.begin(id, move.body))
        bytes = client.link.send(rest)
        client.rest = bytes < rest.length ? rest.subarray(bytes) : undefined
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
        client.stalled = move.kind === 'stall'
    }
    const whole = client.rest === undefined
    if (whole) client.nextMove++
    return this.#log({ kind: 'move', client: client.index, move, bytes, whole })
  }
}

/** One macrotask: by then every tick and promise that follows from an event has happened, since nothing else waits. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
