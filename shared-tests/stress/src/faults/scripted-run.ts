import { limitsOf, liveClock, Random } from '@switchyard/core'
import type { Close, ClientId, Pattern, Server } from '@switchyard/core'
import { listen, portOf } from '@switchyard/core/tcp'
import { connectTcp, Session } from '@switchyard/conformance'
import { settlesWithin, wait } from '@switchyard/harness'
import type { Conversation, SimulatedProtocol } from '@switchyard/sim'
import { Accounting } from './accounting.ts'
import type { Ledger } from './accounting.ts'
import { ends } from './fault.ts'
import { FaultProxy } from './proxy.ts'
import { END_SLACK_MS, LOOK_MS, LOOKS_MAX } from './run.ts'
import type { FaultRun } from './run.ts'
import type { Script, ScriptedClient } from './script.ts'
import { Timeline } from './timeline.ts'

/** A client that keeps all it reads. */
class Listening extends Session {
  /** What has come since the last call. */
  take(): Uint8Array {
    return this.input.take(this.input.length)
  }
}

interface Player {
  readonly place: number
  readonly planned: ScriptedClient
  readonly client: Listening
  readonly id: ClientId
  readonly received: Uint8Array[]
  /** How many moves it has made, and the bytes that it has said by that. */
  next: number
  said: number
}

/** Plays a script on a fresh server of any protocol in this process. Never rejects for what a server does. */
export async function runScript(
  protocol: SimulatedProtocol<unknown>,
  pattern: Pattern,
  script: Script,
): Promise<FaultRun> {
  const startedAt = liveClock.now()
  const limits = limitsOf(script.limits)
  const accounting = new Accounting(true)
  const listener = await listen()
  const server = pattern.serve(accounting.watch(protocol.create(script.world)), listener, limits)
  const timeline = new Timeline()
  await using proxy = await FaultProxy.start(portOf(listener), timeline)
  using _ = timeline // Over before the proxy is, whose waits it ends.
  const conversation = protocol.speech.begin(script.clients.length)
  using run = new ScriptedRun(script, server, accounting, timeline, conversation)
  await run.connect(proxy, portOf(listener))
  await run.play()
  const ledger = await run.end(limits.graceMs)
  const { closes } = server.statistics()
  const ms = liveClock.now() - startedAt
  return { seed: script.seed, problems: run.problems, ...(ledger && { ledger, closes }), ms }
}

class ScriptedRun implements Disposable {
  readonly problems: string[] = []
  readonly #script: Script
  readonly #server: Server
  readonly #accounting: Accounting
  readonly #timeline: Timeline
  readonly #conversation: Conversation<unknown>
  readonly #players: Player[] = []

  constructor(
    script: Script,
    server: Server,
    accounting: Accounting,
    timeline: Timeline,
    conversation: Conversation<unknown>,
  ) {
    this.#script = script
    this.#server = server
    this.#accounting = accounting
    this.#timeline = timeline
    this.#conversation = conversation
  }

  async connect(proxy: FaultProxy, port: number): Promise<void> {
    for (const [place, planned] of this.#script.clients.entries()) {
      const { name, faults } = planned
      const random = new Random(this.#script.seed * 1_000 + place)
      const socket = faults.length > 0 ? await proxy.connect(faults, random) : await connectTcp('127.0.0.1', port)
      await this.#until(`${name} is accepted`, () => this.#accepted > place)
      this.#players.push({
        place,
        planned,
        client: new Listening(name, socket),
        id: this.#accepted,
        received: [],
        next: 0,
        said: 0,
      })
    }
  }

  /** Each says what it can, until all that was said was heard, and all that was decided for those who stay has come. */
  async play(): Promise<void> {
    if (this.problems.length > 0) return
    this.#timeline.begin()
    await this.#until('the time to heal', () => this.#timeline.now >= this.#script.healMs, Number.POSITIVE_INFINITY)
    this.#timeline.heal()
    for (const { client } of this.#players) client.resume()
    await this.#until('what is owed, after healing', () => {
      this.#go()
      return this.#players.every((player) => this.#isPaid(player))
    })
  }

  /** Shuts the server down, and does the accounts. Undefined if it does not end. */
  async end(graceMs: number): Promise<Ledger | undefined> {
    for (const { client } of this.#players) void client.closed().then(() => client.end())
    const ended = this.#server.shutdown()
    if (!(await settlesWithin(graceMs + END_SLACK_MS, ended))) {
      this.#fail(`the server did not shut down within its grace; ${this.#server.waits.render()}`)
      return undefined
    }
    await this.#until('the last bytes', () => this.#players.every(({ client }) => client.ending !== undefined))
    this.#listen()
    const statistics = this.#server.statistics()
    const ledger = this.#accounting.atTheEnd(statistics)
    this.problems.push(...this.#accounting.faultsOf(ledger, statistics.lastCloses))
    for (const player of this.#players) this.#settle(player, statistics.lastCloses)
    const { held, connections } = statistics
    if (held.total !== 0) this.#fail(`after its end the server holds ${JSON.stringify(held)}`)
    if (connections.open !== 0) this.#fail(`after its end the server counts ${connections.open} connections`)
    return ledger
  }

  [Symbol.dispose](): void {
    for (const { client } of this.#players) client.destroy()
  }

  get #accepted(): number {
    return this.#server.statistics().connections.accepted
  }

  /** Hears what has come, and says what can be said by then. */
  #go(): void {
    this.#listen()
    for (const player of this.#players) this.#say(player)
  }

  #listen(): void {
    for (const { place, client, received } of this.#players) {
      const bytes = client.take()
      if (bytes.length === 0) continue
      received.push(bytes)
      this.#conversation.hear(place, bytes)
    }
  }

  #say(player: Player): void {
    const { place, client, planned } = player
    for (const move of planned.moves.slice(player.next)) {
      if (client.ending !== undefined) return
      switch (move.kind) {
        case 'say': {
          const bytes = this.#conversation.bytesOf(place, move.say, () => {})
          if (!bytes) return
          player.said += bytes.length
          void client.send(bytes).catch(() => {}) // How it ended is judged at the end.
          break
        }
        case 'fin':
          client.end()
          break
        case 'reset':
          client.reset()
          break
        case 'stall':
          client.pause()
          break
        case 'resume':
          client.resume()
      }
      player.next++
    }
  }

  /** All that it said was heard, and all that was decided for it has come: by then it has said whatever it can say. */
  #isPaid({ planned, client, id, received, said }: Player): boolean {
    if (client.ending !== undefined || planned.faults.some(ends)) return true
    const heard = this.#accounting.givenOf(id) === said || !this.#isConnected(id)
    return heard && lengthOf(received) === this.#accounting.decidedFor(id).bytes
  }

  #isConnected(id: ClientId): boolean {
    return this.#server.statistics().lastCloses.every(({ client }) => client !== id)
  }

  /** What one client received, held against what was sent to it and what was handed over for it. */
  #settle({ client, id, planned, received }: Player, closes: readonly Close[]): void {
    const close = closes.find((each) => each.client === id)
    if (!close) return this.#fail(`the close of ${client.name} was not counted`)
    const sent = this.#accounting.sentTo(id)
    const came = Buffer.concat(received)
    if (!sent.subarray(0, came.length).equals(came)) {
      return this.#fail(
        `${client.name} received other bytes than were sent to it, within ${came.length} of ${sent.length}`,
      )
    }
    if (planned.moves.some(({ kind }) => kind === 'reset')) return
    if (planned.faults.some(({ kind }) => kind === 'reset' || kind === 'slow-close')) return
    if (!['server-shutdown', 'client-fin', 'protocol-close'].includes(close.reason)) {
      this.#fail(`${client.name} was not closed in order: ${close.reason}`)
    }
    if (came.length !== close.bytesOut) {
      this.#fail(`${client.name} received ${came.length} bytes, ${close.bytesOut} were handed over for it`)
    }
  }

  /** Looks until it is so, or nothing has moved for too long: then that is a problem. */
  async #until(what: string, met: () => boolean, looksMax: number = LOOKS_MAX): Promise<void> {
    let last = ''
    for (let still = 0; !met();) {
      if (this.problems.length > 0) return
      if (still > looksMax) return this.#fail(`${what}: did not come; ${this.#server.waits.render()}`)
      await wait(LOOK_MS)
      this.#go()
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

  #fail(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem)
  }
}

function lengthOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}
