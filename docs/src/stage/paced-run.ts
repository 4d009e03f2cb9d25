import { limitsOf } from '@switchyard/core'
import type { Protocol } from '@switchyard/core'
import { CHAT_SPEECH, SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { Router } from '@switchyard/protocols/router'
import { ROUTER_SPEECH } from '@switchyard/protocols/router/simulated'
import { Simulation } from '@switchyard/sim'
import type { Candidate, Checker, Choices, Speech, World } from '@switchyard/sim'
import { Camera } from './camera.ts'
import type { Frame } from './frame.ts'
import { Hearing } from './hearing.ts'
import { turnstile } from './lines.ts'
import { Mail } from './mail.ts'
import type { Follower } from './mail.ts'
import { RoomMail } from './room-mail.ts'
import type { Run } from './run.ts'
import type { Pace, Scenario } from './scenario.ts'
import { watchedPattern } from './servers.ts'
import type { StageServer } from './servers.ts'
import { talkOf, trafficOf } from './traffic.ts'
import type { Planned } from './traffic.ts'

/** From one end of a connection to the other: slow enough to be seen. */
const TRAVEL_MS = 320
/** What becomes ready within it shares a turn. */
const TURN_MS = 8
const CONNECT_MS = 60
/** How often a client reads that nobody slows down. */
const READ_MS = 30

/** Reads and writes as large as they can be: what is drawn is the order of events, and time. */
const WHOLE: Choices = { choose: () => 0 }
/** The reader is the checker. */
const NO_CHECKER: Checker = { after: () => undefined, end: () => undefined }

/** What is run on a server. */
interface Staged<Say> {
  readonly speech: Speech<Say>
  readonly traffic: readonly (readonly Planned<Say>[])[]
  readonly mail: Follower<Say>
  readonly protocol: (world: World<Say>) => Protocol
}

/** What the scenario has run on a server: a router, or a chat. */
export function pacedRun(server: StageServer, scenario: Scenario): Run {
  if (scenario.traffic === 'room') {
    return new PacedRun(server, scenario, {
      speech: CHAT_SPEECH,
      traffic: talkOf(scenario),
      mail: new RoomMail(scenario.clients),
      protocol: (world) => SIMULATED_CHAT.create(world),
    })
  }
  return new PacedRun(server, scenario, {
    speech: ROUTER_SPEECH,
    traffic: trafficOf(scenario),
    mail: new Mail(scenario.clients),
    protocol: ({ limits }) => new Router(limitsOf(limits)),
  })
}

/**
 * Runs a server in time: each event has its moment, drawn from the scenario's seed or set by the speed of a network, so
 * that all servers get the same traffic at the same time. The server's deadlines run on the same clock.
 */
class PacedRun<Say> implements Run {
  readonly name: string
  readonly frames: Frame[] = []
  readonly travelMs: number = TRAVEL_MS
  readonly #simulation: Simulation<Say>
  readonly #traffic: readonly (readonly Planned<Say>[])[]
  readonly #paces: readonly Pace[]
  readonly #camera: Camera<Say>
  readonly #everyMs: (number | 'never')[]
  readonly #lastRead: number[]
  readonly #due = new Map<string, number>()
  readonly #durationMs: number
  readonly #diskMs: number
  #nextPace = 0
  #over = false

  constructor(server: StageServer, scenario: Scenario, { speech, traffic, mail, protocol }: Staged<Say>) {
    const { clients, queuedBytesMax, writeDeadlineMs, bufferBytes, diskMs } = scenario
    this.name = server.name
    this.#traffic = traffic
    this.#paces = scenario.paces.toSorted((a, b) => a.at - b.at)
    this.#durationMs = scenario.durationMs
    this.#diskMs = diskMs
    this.#everyMs = Array.from({ length: clients }, () => READ_MS)
    this.#lastRead = Array.from({ length: clients }, () => 0)
    const hearing = new Hearing<Say>(server.file)
    const world: World<Say> = {
      clients: this.#traffic.map((planned) => planned.map(({ move }) => move)),
      shutdown: false,
      limits: { queuedBytesMax, messageBytesMax: 512, writeDeadlineMs },
      buffers: { receiveBytes: bufferBytes, sendBytes: bufferBytes },
      cuts: 'whole',
      ...(diskMs > 0 && { disk: 'slow' }),
    }
    this.#simulation = new Simulation({
      pattern: watchedPattern(server),
      createProtocol: (given) => mail.watch(protocol(given)),
      world,
      speech,
      choices: WHOLE,
      checker: hearing.before(NO_CHECKER),
      eventsMax: Number.POSITIVE_INFINITY,
    })
    this.#camera = new Camera(this.#simulation, speech, mail, hearing)
    this.#record('nothing has happened yet')
  }

  get over(): boolean {
    return this.#over
  }

  async advance(until: number): Promise<void> {
    const end = Math.min(until, this.#durationMs)
    while (await this.#happen(end));
  }

  async step(): Promise<void> {
    const count = this.frames.length
    while (this.frames.length === count && (await this.#happen(this.#durationMs)));
  }

  get #now(): number {
    return this.#simulation.now
  }

  /** The next event if it is due by `until`; else time passes until then, and the answer is false. */
  async #happen(until: number): Promise<boolean> {
    this.#followPaces()
    const next = this.#earliest(this.#simulation.candidates())
    const paceAt = this.#paces[this.#nextPace]?.at ?? Number.POSITIVE_INFINITY
    const at = Math.min(next?.at ?? Number.POSITIVE_INFINITY, paceAt, until)
    return turnstile.pass(async () => {
      const timer = await this.#simulation.pass(at)
      if (timer) {
        this.#record()
        return true
      }
      if (paceAt <= at) return true
      if (!next || next.at > at) {
        this.#over = until === this.#durationMs
        return false
      }
      this.#due.delete(next.key)
      if (next.candidate.kind === 'read') this.#lastRead[next.candidate.client.index] = at
      await this.#simulation.step(next.candidate)
      this.#record()
      return true
    })
  }

  #followPaces(): void {
    for (let pace = this.#paces[this.#nextPace]; pace && pace.at <= this.#now; pace = this.#paces[this.#nextPace]) {
      const { client, everyMs } = pace
      this.#everyMs[client] = everyMs
      this.#simulation.clients[client]!.stalled = everyMs === 'never'
      this.#due.delete(`read${client}`)
      this.#nextPace++
      this.#record(
        everyMs === 'never' ? `client ${client} stops reading` : `client ${client} reads every ${everyMs} ms`,
      )
    }
  }

  /** Among those of one moment: the first in the simulation's own order, and the end of the turn last. */
  #earliest(candidates: readonly Candidate[]): Next | undefined {
    const keys = new Set<string>()
    let earliest: Next | undefined
    for (const candidate of candidates) {
      const key = 'client' in candidate ? `${candidate.kind}${candidate.client.index}` : candidate.kind
      keys.add(key)
      const known = this.#due.get(key)
      const at = known ?? this.#dueOf(candidate)
      if (known === undefined) this.#due.set(key, at)
      if (!earliest || at < earliest.at) earliest = { key, at, candidate }
    }
    for (const key of this.#due.keys()) if (!keys.has(key)) this.#due.delete(key)
    return earliest
  }

  /** When something happens that has just become possible. */
  #dueOf(candidate: Candidate): number {
    const now = this.#now
    switch (candidate.kind) {
      case 'turn':
        return now + TURN_MS
      case 'connect':
        return candidate.client.index * CONNECT_MS
      case 'move': {
        const { index, nextMove, rest } = candidate.client
        return rest ? now : Math.max(now, this.#traffic[index]![nextMove]!.at)
      }
      case 'deliver':
        return now + TRAVEL_MS
      case 'read': {
        const { index } = candidate.client
        const everyMs = this.#everyMs[index]!
        return Math.max(now + TRAVEL_MS, this.#lastRead[index]! + (everyMs === 'never' ? 0 : everyMs))
      }
      case 'end':
        return now + TRAVEL_MS
      case 'sync':
        return now + this.#diskMs
      case 'accept':
      case 'shutdown':
        return now
      case 'time': // Here it moves by itself.
        return Number.POSITIVE_INFINITY
    }
  }

  /** `text` says what happened where it was no event of the simulation's. */
  #record(text = ''): void {
    const at = this.#now
    const traffic = this.#traffic
    this.frames.push(
      this.#camera.take({
        at,
        text,
        everyMs: (client) => this.#everyMs[client]!,
        planned: (client) => plannedBy(traffic[client]!, at),
      }),
    )
  }
}

interface Next {
  readonly key: string
  readonly at: number
  readonly candidate: Candidate
}

function plannedBy(planned: readonly Planned<unknown>[], at: number): number {
  let count = 0
  while (count < planned.length && planned[count]!.at <= at) count++
  return count
}
