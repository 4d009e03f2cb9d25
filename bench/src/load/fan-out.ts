import { setTimeout as delay } from 'node:timers/promises'
import { batchOf, Failure, settlesWithin } from '@switchyard/harness'
import type { Client, CrowdDialect, IncomingFromCrowd } from '@switchyard/harness'
import { Clients } from './clients.ts'
import type { Generated, Phases } from './generator.ts'

/** Groups in which what one says goes to all, the speaker included. */
export interface FanOut {
  readonly groups: number
  /** Of each group. */
  readonly members: number
  /** How many of a group's members talk, one after the other. */
  readonly talkers: number
  /** Where it arrives. */
  readonly messageBytes: number
  /** Said at once by one talker. */
  readonly burstMessages: number
  /** Of a group, on their way. */
  readonly windowMessages: number
  readonly warmupMs: number
  readonly measureMs: number
}

const FINISH_MS = 30_000
/** So many join at a time. */
const JOINING_MAX = 250

/** Puts the load on the server that listens on `port`. What arrived is counted by deliveries. Rejects as `generate` does. */
export async function fanOut(port: number, load: FanOut, phases: Phases, dialect: CrowdDialect): Promise<Generated> {
  const failure = new Failure()
  using clients = new Clients(port, failure, dialect)
  const groups: Group[] = []
  for (let number = 1; number <= load.groups; number++) {
    groups.push(new Group(await joined(clients, number, load, dialect, failure), number, load, dialect, failure.fail))
  }
  await failure.unless(phases.ready?.() ?? Promise.resolve())
  for (const group of groups) group.talk()
  await failure.unless(delay(load.warmupMs))
  const first = sample(groups)
  phases.begun()
  await failure.unless(delay(load.measureMs))
  const last = sample(groups)
  phases.over()
  const finished = Promise.all(groups.map((group) => group.finish()))
  if (!(await failure.unless(settlesWithin(FINISH_MS, finished)))) {
    throw new Error(`messages that were said had not reached everybody ${FINISH_MS / 1000} seconds after the last one`)
  }
  return {
    messages: last.deliveries - first.deliveries,
    seconds: (last.atMs - first.atMs) / 1000,
    generatorCpuMs: last.cpuMs - first.cpuMs,
    longestSilenceMs: 0,
    roundTrip: null,
    latencies: null,
  }
}

async function joined(
  clients: Clients,
  group: number,
  { members }: FanOut,
  dialect: CrowdDialect,
  failure: Failure,
): Promise<readonly Client[]> {
  const all = await clients.connect(members)
  for (let first = 0; first < members; first += JOINING_MAX) {
    const next = all.slice(first, first + JOINING_MAX)
    await failure.unless(Promise.all(next.map((client) => client.join(dialect.crowd(group).join()))))
  }
  return all
}

function sample(groups: readonly Group[]) {
  const { user, system } = process.cpuUsage()
  const deliveries = groups.reduce((sum, group) => sum + group.heard, 0)
  return { deliveries, atMs: performance.now(), cpuMs: (user + system) / 1000 }
}

/** Talks as long as what was said has reached everybody, but for a window. */
class Group {
  heard = 0
  readonly #talkers: readonly Client[]
  readonly #members: number
  readonly #burst: Uint8Array
  readonly #load: FanOut
  #said = 0
  #turn = 0
  #over = true
  #allHeard = (): void => {}

  constructor(
    clients: readonly Client[],
    group: number,
    load: FanOut,
    dialect: CrowdDialect,
    fail: (why: Error) => void,
  ) {
    const crowd = dialect.crowd(group)
    const message = crowd.message(load.messageBytes)
    this.#burst = batchOf([message], load.burstMessages * message.length)
    this.#load = load
    this.#members = clients.length
    this.#talkers = clients.slice(0, load.talkers)
    for (const client of clients) {
      const incoming: IncomingFromCrowd = crowd.incoming(load.messageBytes)
      client.received = (bytes) => {
        const before = incoming.messages
        if (!incoming.take(bytes)) return fail(new Error('a member got other bytes than were said'))
        if (incoming.missed > 0) return fail(new Error(`a member missed ${incoming.missed} messages`))
        this.heard += incoming.messages - before
        if (!this.#over) this.#fill()
        else if (this.heard === this.#said * this.#members) this.#allHeard()
      }
    }
  }

  talk(): void {
    this.#over = false
    this.#fill()
  }

  /** Says nothing more. Settles when everybody has heard everything. */
  async finish(): Promise<void> {
    this.#over = true
    if (this.heard === this.#said * this.#members) return
    await new Promise<void>((resolve) => {
      this.#allHeard = resolve
    })
  }

  #fill(): void {
    const { burstMessages, windowMessages } = this.#load
    while ((this.#said + burstMessages - windowMessages) * this.#members <= this.heard) {
      this.#said += burstMessages
      this.#talkers[this.#turn++ % this.#talkers.length]!.write(this.#burst)
    }
  }
}
