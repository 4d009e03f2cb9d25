import { liveClock, Random } from '@switchyard/core'
import type { Limits, Role, StatisticsSnapshot } from '@switchyard/core'
import type { Look } from '../standstill.ts'
import type { CaseContext } from '../case.ts'
import type { Session } from '../session/session.ts'
import type { Suite } from '../suite.ts'
import { Failed } from '../failed.ts'
import type { Awaited, FailureCode } from '../failed.ts'
import type { Site, Target } from '../targets/target.ts'
import { settlesWithin } from '@switchyard/harness/portable'
import { WireLog } from '../session/wire-log.ts'
import type { WireEvent } from '../session/wire-log.ts'

/** Into how many steps a time limit is cut: nothing is noticed later than one step after it happened. */
const STEPS = 8
/** How long a client's connection may take to end in order, once its case is over, ms. */
const LEAVE_MS = 150

/** What one case uses of one site, so that a runner can see what it waits for and end what it left. */
export class Context<C extends Session> implements CaseContext<C> {
  readonly limits: Limits
  readonly #random: Random
  readonly #suite: Suite<C>
  readonly #target: Target
  readonly #site: Site
  readonly #patienceMs: number
  readonly #clients: C[] = []
  readonly #stops: (() => void)[] = []
  readonly #wire = new WireLog(() => liveClock.now())
  #waitingFor: string | undefined
  /** What it would have failed with, in the end. */
  #late: FailureCode | undefined
  #moves = 0
  /** Time is let pass on purpose: that is no standing still. */
  #passing = false
  #drawsRandom = false
  #over = false

  /** What is waited for is waited for no longer than `patienceMs`, nor than the site allows. */
  constructor(suite: Suite<C>, target: Target, site: Site, limits: Limits, seed: number, patienceMs: number) {
    this.#suite = suite
    this.#target = target
    this.#site = site
    this.#patienceMs = Math.min(site.patienceMs, patienceMs)
    this.limits = limits
    this.#random = new Random(seed)
  }

  get random(): Random {
    this.#drawsRandom = true
    return this.#random
  }

  async connect(name?: string, role?: Role): Promise<C> {
    const client = await this.connectSilently(name, role)
    const { admission } = this.#suite
    if (!admission || (await admission.admitted(client))) return client
    throw new Failed(
      `${client.name}: the server closed the connection (${client.ending}) without sending its ${admission.what}`,
      { code: 'not-admitted', client: client.name },
    )
  }

  async connectSilently(name = `client ${this.#clients.length + 1}`, role?: Role): Promise<C> {
    this.#waitingFor = `a connection for ${name}`
    const client = this.#suite.client(name, await this.#site.connect(role), this.#wire.client(name))
    this.#waitingFor = undefined
    this.#clients.push(client)
    if (this.#over) client.destroy()
    return client
  }

  async pass(ms: number): Promise<void> {
    await this.settled()
    await this.#pass(ms)
    await this.settled()
  }

  async settled(): Promise<void> {
    await this.#site.settled(() => this.#bytes())
    this.#moves++
  }

  async within<T>(ms: number, what: string, promise: Promise<T>, code: FailureCode = 'late'): Promise<T> {
    let over = false
    const settled = promise.finally(() => {
      over = true
    })
    settled.catch(() => {}) // Whoever awaits the answer hears of it.
    for (let step = 0; step < STEPS; step++) {
      await Promise.race([settled, this.settled()])
      if (over) return settled
      await this.#pass(ms / STEPS, settled)
    }
    this.#waitingFor = what
    this.#late = code
    const came = await settlesWithin(this.#patienceMs, settled)
    this.#waitingFor = undefined
    this.#late = undefined
    if (came) return settled
    throw new Failed(`${what} did not come within ${ms} ms of the server's time`, code)
  }

  statistics(): StatisticsSnapshot {
    if (!this.#site.statistics) throw new TypeError('the case does not say that it needs statistics')
    return this.#site.statistics()
  }

  until(what: string, predicate: (statistics: StatisticsSnapshot) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waitingFor = what
      const stop = this.#everyTurn(() => {
        if (!predicate(this.statistics())) return
        this.#waitingFor = undefined
        stop()
        resolve()
      })
    })
  }

  highest(of: (statistics: StatisticsSnapshot) => number): () => number {
    let highest = Number.NEGATIVE_INFINITY
    const look = (): void => {
      highest = Math.max(highest, of(this.statistics()))
    }
    look()
    this.#everyTurn(look)
    return () => {
      look()
      return highest
    }
  }

  async refusesLimits(limits: Partial<Limits>): Promise<boolean> {
    try {
      const site = await this.#target.open({ ...this.limits, ...limits })
      await site.release(true)
      return false
    } catch (error) {
      if (error instanceof RangeError) return true
      throw error
    }
  }

  shutdown(): Promise<void> {
    if (!this.#site.shutdown) throw new TypeError('the case does not say that it needs signal')
    const end = this.#site.shutdown()
    end.catch(() => {}) // A case that fails before it awaits the end is about something else.
    return end
  }

  // For the runner -----------------------------------------------------------------------------------------------------

  /** Differs from every earlier answer if anything has happened meanwhile. */
  progress(): string {
    if (this.#passing) this.#moves++
    return `${this.#moves} ${this.#clients.length} ${this.#bytes()}`
  }

  /** Into the server, where that is possible. */
  look(): Look | undefined {
    return this.#site.look?.()
  }

  get connections(): number {
    return this.#clients.length
  }

  /** What the case waits for: one line each, and as data. `late`: something that is due has its own name for not coming. */
  awaiting(): { readonly text: string; readonly awaits: readonly Awaited[]; readonly late: FailureCode | undefined } {
    const waits = this.#clients.flatMap((client) => client.awaiting() ?? [])
    const lines = waits.map(({ text }) => text)
    if (this.#waitingFor !== undefined) lines.push(`the case awaits ${this.#waitingFor}`)
    return {
      text: lines.map((line) => `  ${line}`).join('\n'),
      awaits: waits.map(({ client, what, untaken }) => ({ client, what, untaken })),
      late: this.#late,
    }
  }

  /** What has gone over the wire so far. */
  wire(): readonly WireEvent[] {
    return this.#wire.events()
  }

  /** What it takes to run the case again as it ran; empty if it runs only one way. */
  replay(): string {
    return this.#drawsRandom ? `  seed: ${this.#random.seed}` : ''
  }

  /** Lets every client leave in order, as far as the server lets it: no case is to fail for the end of another. */
  async leave(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    const leaving = this.#clients.filter((client) => client.ending === undefined)
    const left = leaving.map((client) => {
      client.resume()
      client.end()
      return client.closed()
    })
    await settlesWithin(LEAVE_MS, Promise.all(left))
    this.destroy()
  }

  /** Frees the sockets. Whatever the case still awaits ends with it. */
  destroy(): void {
    this.#over = true
    for (const stop of this.#stops.splice(0)) stop()
    for (const client of this.#clients) client.destroy()
  }

  async #pass(ms: number, until?: Promise<unknown>): Promise<void> {
    this.#passing = true
    await this.#site.pass(ms, until)
    this.#passing = false
    this.#moves++
  }

  #everyTurn(look: () => void): () => void {
    if (!this.#site.everyTurn) throw new TypeError('the case does not say that it needs statistics')
    const stop = this.#site.everyTurn(look)
    this.#stops.push(stop)
    return stop
  }

  #bytes(): string {
    return this.#clients.map((client) => `${client.bytesSent}+${client.bytesReceived}${client.ending ?? ''}`).join(' ')
  }
}
