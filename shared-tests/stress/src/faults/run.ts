import { limitsOf, liveClock, Random } from '@switchyard/core'
import type { Close, Limits, Pattern, Server, StatisticsSnapshot } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { Router } from '@switchyard/protocols/router'
import { connectTcp } from '@switchyard/conformance'
import { settlesWithin, wait } from '@switchyard/harness'
import { Arrivals, Client, ID_BYTES, message } from '@switchyard/protocols/router/suite'
import { Accounting } from './accounting.ts'
import type { Ledger } from './accounting.ts'
import { interleaved, mayBeCut, mayEnd, owedOf } from './expected-deliveries.ts'
import type { Flow, Plan, PlannedClient } from './plan.ts'
import { FaultProxy } from './proxy.ts'
import { Timeline } from './timeline.ts'

/** What came of one plan on one server. */
export interface FaultRun {
  readonly seed: number
  /** Empty: every clause held for those not faulted, what was owed arrived, and the ledger balances. */
  readonly problems: readonly string[]
  /** Absent, like `closes`, if the server did not end. */
  readonly ledger?: Ledger
  readonly closes?: StatisticsSnapshot['closes']
  readonly ms: number
}

/** Between two looks, ms. */
export const LOOK_MS = 2
/** After so many looks without any movement nothing more is coming: looks, so that a busy machine is no failure. */
export const LOOKS_MAX = 750
/** Beyond its grace, real time. */
export const END_SLACK_MS = 2_000

/** Plays a plan on a fresh server in this process. Never rejects for what a server does. */
export async function runFaults(pattern: Pattern, plan: Plan): Promise<FaultRun> {
  const startedAt = liveClock.now()
  const limits = limitsOf(plan.limits)
  const accounting = new Accounting()
  const listener = await listen()
  const server = pattern.serve(accounting.watch(new Router(limits)), listener, limits)
  const timeline = new Timeline()
  await using proxy = await FaultProxy.start(portOf(listener), timeline)
  using _ = timeline // Over before the proxy is, whose waits it ends.
  using run = new Run(plan, limits, server, accounting, timeline)
  await run.connect(proxy, portOf(listener))
  await run.play(pattern.guarantees.G2)
  const ledger = await run.end() // Of a server that does not end by then, nobody waits for the end.
  const { closes } = server.statistics()
  const ms = liveClock.now() - startedAt
  return { seed: plan.seed, problems: run.problems, ...(ledger && { ledger, closes }), ms }
}

/** One client, and what has reached it. */
interface Player {
  readonly client: Client
  readonly arrivals: Arrivals
  readonly planned: PlannedClient
}

class Run implements Disposable {
  readonly problems: string[] = []
  readonly #plan: Plan
  readonly #limits: Limits
  readonly #server: Server
  readonly #accounting: Accounting
  readonly #timeline: Timeline
  readonly #players: Player[] = []
  /** Rejections are problems by then. */
  readonly #tasks: Promise<unknown>[] = []

  constructor(plan: Plan, limits: Limits, server: Server, accounting: Accounting, timeline: Timeline) {
    this.#plan = plan
    this.#limits = limits
    this.#server = server
    this.#accounting = accounting
    this.#timeline = timeline
  }

  async connect(proxy: FaultProxy, port: number): Promise<void> {
    for (const [place, planned] of this.#plan.clients.entries()) {
      const { name, faults } = planned
      const random = new Random(this.#plan.seed * 1_000 + place)
      const socket = faults.length > 0 ? await proxy.connect(faults, random) : await connectTcp('127.0.0.1', port)
      const client = new Client(name, socket)
      const senders = this.#plan.flows.filter(({ to }) => to === place).map(({ messages }) => messages)
      this.#players.push({ client, arrivals: new Arrivals(client, senders), planned })
      const admitted = client.admitted()
      this.#own(admitted)
      await this.#until(`${name} has its id`, () => client.bytesReceived >= ID_BYTES || client.ending !== undefined)
    }
  }

  /** From the first message to the last that is owed. `isolates`: unrelated pairs need not wait for the healing (G2). */
  async play(isolates: boolean): Promise<void> {
    if (this.problems.length > 0) return
    this.#timeline.begin()
    for (const [place, { client, arrivals }] of this.#players.entries()) {
      this.#own(arrivals.receiveToEnd())
      const flows = this.#plan.flows.filter(({ from }) => from === place)
      this.#own(client.flood(this.#messagesOf(flows)))
    }
    await this.#until('the time to heal', () => this.#timeline.now >= this.#plan.healMs, Number.POSITIVE_INFINITY)
    if (isolates) await this.#until('unrelated messages, during the faults', () => this.#arrived(this.#plan.aside))
    this.#timeline.heal()
    await this.#until('what is owed, after healing', () => this.#arrived(this.#plan.flows))
    for (const { client, planned } of this.#players) {
      if (client.ending === undefined || mayEnd(planned, this.#plan)) continue
      this.#fail(`${client.name} lost its connection (${this.#closeOf(client)?.reason ?? client.ending})`)
    }
  }

  /** Shuts the server down, and does the accounts. Undefined if it does not end. */
  async end(): Promise<Ledger | undefined> {
    for (const { client } of this.#players) this.#own(client.closed().then(() => client.end()))
    const ended = this.#server.shutdown()
    if (!(await settlesWithin(this.#limits.graceMs + END_SLACK_MS, ended))) {
      this.#fail(`the server did not shut down within its grace; ${this.#server.waits.render()}`)
      return undefined
    }
    await this.#until('the last bytes', () => this.#players.every(({ client }) => client.ending !== undefined))
    await Promise.all(this.#tasks)
    const statistics = this.#server.statistics()
    const ledger = this.#accounting.atTheEnd(statistics)
    this.problems.push(...this.#accounting.faultsOf(ledger, statistics.lastCloses))
    for (const player of this.#players) this.#settle(player)
    const { held, connections } = statistics
    if (held.total !== 0) this.#fail(`after its end the server holds ${JSON.stringify(held)}`)
    if (connections.open !== 0) this.#fail(`after its end the server counts ${connections.open} connections`)
    return ledger
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#players) client.destroy()
  }

  /** What one client received, held against what was sent to it and what was handed over for it. */
  #settle({ client, arrivals, planned }: Player): void {
    const close = this.#closeOf(client)
    if (!close) return this.#fail(`the close of ${client.name} was not counted`)
    if (mayBeCut(planned, this.#plan)) return
    const { bytesReceived } = client
    if (close.reason !== 'server-shutdown' && close.reason !== 'client-fin') {
      this.#fail(`${client.name} was not closed in order: ${close.reason}`)
    }
    if (bytesReceived !== close.bytesOut) {
      this.#fail(`${client.name} received ${bytesReceived} bytes, ${close.bytesOut} were handed over for it`)
    }
    if (planned.faults.length > 0) return
    const decided = this.#accounting.decidedFor(close.client)
    if (decided.bytes !== bytesReceived || decided.count !== arrivals.count + 1) {
      this.#fail(
        `${client.name} received an id and ${arrivals.count} messages, ${bytesReceived} bytes; ` +
          `${decided.count - 1} messages and ${decided.bytes} bytes were sent to it`,
      )
    }
  }

  *#messagesOf(flows: readonly Flow[]): Generator<Uint8Array> {
    for (const { flow, number } of interleaved(flows)) {
      const to = this.#players[flow.to]
      if (to) yield message(to.client.id, flow.messages.body(number))
    }
  }

  #arrived(flows: readonly Flow[]): boolean {
    const endings = this.#players.map(({ client }) => client.ending)
    return flows.every((flow) => {
      const arrived = this.#players[flow.to]?.arrivals.countOf(flow.messages) ?? 0
      return arrived >= owedOf(flow, this.#plan, endings)
    })
  }

  #closeOf({ id }: Client): Close | undefined {
    return this.#server.statistics().lastCloses.find(({ client }) => client === id)
  }

  /** Looks until it is so, at the accounting each time, or nothing has moved for too long: then that is a problem. */
  async #until(what: string, met: () => boolean, looksMax: number = LOOKS_MAX): Promise<void> {
    let last = ''
    for (let still = 0; !met();) {
      if (this.problems.length > 0) return
      if (still > looksMax) return this.#fail(`${what}: did not come; ${this.#account()}`)
      await wait(LOOK_MS)
      const now = this.#progress()
      still = now === last ? still + 1 : 0
      last = now
    }
  }

  #progress(): string {
    const statistics = this.#server.statistics()
    const wrong = this.#accounting.whileRunning(statistics)
    if (wrong !== undefined) this.#fail(`while it ran: ${wrong}`)
    return `${statistics.bytesIn} ${statistics.bytesOut} ${this.#players.map(({ client }) => client.bytesReceived).join(' ')}`
  }

  /** Which flows lack what, and who waits for whom. */
  #account(): string {
    const endings = this.#players.map(({ client }) => client.ending)
    const lacking = this.#plan.flows.flatMap((flow) => {
      const arrived = this.#players[flow.to]?.arrivals.countOf(flow.messages) ?? 0
      const owed = owedOf(flow, this.#plan, endings)
      return arrived < owed ? [`${flow.messages.name} ${arrived} of ${owed}`] : []
    })
    return `${lacking.join(', ')}; ${this.#server.waits.render()}`
  }

  #own(task: Promise<unknown>): void {
    this.#tasks.push(task.catch((error: unknown) => this.#fail(error instanceof Error ? error.message : String(error))))
  }

  #fail(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem)
  }
}
