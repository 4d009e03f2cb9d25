import { Random, WaitForGraph } from '@switchyard/core'
import type { Answer, Child, Incarnation, Mailbox, Report, Run, Running, Self } from '../src/index.ts'
import { RandomChoices, Scheduler, settle } from '@switchyard/sim'
import type { Action, Choices, Violation } from '@switchyard/sim'
import { Ledger } from './ledger.ts'
import type { Message, Rule } from './ledger.ts'
import type { Library } from './library.ts'
import { Watched } from './watched.ts'
import { randomServices } from './world.ts'
import type { ServicesWorld, WorldChild, WorldClient, WorldService, WorldSupervisor } from './world.ts'

export interface ServicesRun {
  readonly violation: Violation | undefined
  /** What happened, for people. */
  readonly events: readonly string[]
  /** Who waited for what at the end. */
  readonly waits: string
  /** Services that threw. */
  readonly failures: number
  readonly ledger: Ledger
}

/** A run that has not come to rest by then never will. */
const EVENTS_MAX = 2_000

/** Where a service awaits something, and the schedule says how it goes on. */
interface Gate {
  readonly label: string
  readonly stale: () => boolean
  /** It always goes on. */
  readonly safe: boolean
  readonly open: (failure?: Error) => void
  stuck: boolean
}

/** What a service is at, as it says itself. */
interface Life {
  readonly incarnation: Incarnation
  at: 'gate' | 'receiving' | 'sending'
}

interface Step {
  readonly label: string
  readonly act: Action
}

/** Runs a world of services to its end, one event at a time, in the order that `choices` makes. */
export async function runServices(library: Library, world: ServicesWorld, choices: Choices): Promise<ServicesRun> {
  return new Runner(library, world, choices).run()
}

/** A random world, on a random schedule: one seed, one run. */
export async function runSeed(library: Library, seed: number): Promise<ServicesRun> {
  const random = new Random(seed)
  const world = randomServices(random)
  return runServices(library, world, new RandomChoices(random.below(2 ** 32)))
}

class Runner {
  readonly #library: Library
  readonly #world: ServicesWorld
  readonly #choices: Choices
  readonly #scheduler = new Scheduler()
  readonly #ledger = new Ledger()
  readonly #waits = new WaitForGraph(() => this.#scheduler.clock.now())
  readonly #mailboxes = new Map<string, Mailbox<Message>>()
  readonly #watched = new Map<string, Watched>()
  readonly #clients: Client[]
  readonly #gates = new Set<Gate>()
  /** The latest incarnation of each service. */
  readonly #lives = new Map<string, Life>()
  readonly #services = new Map<string, WorldService>()
  /** Children that are told to stop, or whom nobody follows: what is sent to them may come back. */
  readonly #closing = new Set<string>()
  readonly #events: string[] = []
  /** Since the last event. */
  readonly #died = new Set<string>()
  #failures: number
  #standstills: number
  #violation: Violation | undefined
  #root: Running | undefined
  #stopped = false
  #over = false

  constructor(library: Library, world: ServicesWorld, choices: Choices) {
    this.#library = library
    this.#world = world
    this.#choices = choices
    this.#failures = world.failures
    this.#standstills = world.standstills
    this.#clients = world.clients.map((client, index) => ({
      ...client,
      name: `client ${index}`,
      incarnation: new library.Incarnation(`client ${index}`),
      unanswered: 0,
      left: client.count,
    }))
  }

  async run(): Promise<ServicesRun> {
    const root = this.#child(this.#world.root)
    const running = root.begin()
    this.#root = running
    void running.ended.then(() => {
      this.#over = true
      root.cancel()
    })
    await settle()
    while (!this.#wrong) {
      await this.#scheduler.run(
        () => this.#possible(),
        (count) => this.#choose(count),
      )
      if (this.#wrong) break
      this.#checkCycles()
      if (await this.#scheduler.passTime()) this.#events.push(`time ${this.#scheduler.clock.now()}`)
      else if (this.#stopped || this.#over) break
      else this.#rest()
    }
    if (!this.#wrong && !this.#over) this.#fail('stop-ends', `the tree does not end: ${this.#waits.render()}`)
    if (!this.#wrong) this.#ledger.checkEnd()
    return {
      violation: this.#wrong,
      events: this.#events,
      waits: this.#waits.render(),
      failures: this.#world.failures - this.#failures,
      ledger: this.#ledger,
    }
  }

  get #wrong(): Violation | undefined {
    return this.#violation ?? this.#ledger.violation
  }

  readonly #fail = (rule: Rule, message: string): void => {
    this.#violation ??= { clause: rule, message }
  }

  /** Nothing is left to happen, not even with time. Every world ends with a stop. */
  #rest(): void {
    for (const watched of this.#watched.values()) watched.rest()
    for (const [name, { at, incarnation }] of this.#lives) {
      if (at !== 'receiving' || incarnation.stale) continue
      const waiting = this.#ledger.waiting.some(({ message }) => message.to === name)
      if (waiting || this.#ledger.underWay(name) > 0) this.#fail('progress', `${name} receives nothing, and could`)
    }
    this.#stop()
  }

  #choose(count: number): number {
    if (count === 0 || this.#wrong || this.#events.length > EVENTS_MAX) return count
    return count === 1 ? 0 : this.#choices.choose(count, 'next')
  }

  #possible(): Action[] {
    this.#check()
    const steps: Step[] = []
    for (const gate of this.#gates) {
      if (gate.stuck && !gate.stale()) continue
      steps.push({ label: `${gate.label} goes on`, act: () => this.#open(gate) })
      if (gate.safe) continue
      if (this.#failures > 0) steps.push({ label: `${gate.label} fails`, act: () => this.#break(gate) })
      if (this.#standstills > 0 && !gate.stuck) {
        steps.push({ label: `${gate.label} stands still`, act: () => this.#stick(gate) })
      }
    }
    for (const client of this.#clients) {
      if (client.left > 0 && (client.hasty || client.unanswered === 0)) {
        steps.push({ label: `${client.name} sends`, act: () => this.#send(client) })
      }
    }
    if (this.#world.stop && !this.#stopped) steps.push({ label: 'stop', act: () => this.#stop() })
    return steps.map(({ label, act }) => () => {
      this.#events.push(label)
      act()
    })
  }

  #open(gate: Gate, failure?: Error): void {
    this.#gates.delete(gate)
    gate.open(failure)
  }

  #break(gate: Gate): void {
    this.#failures--
    this.#open(gate, new Error(`${gate.label} fails`))
  }

  #stick(gate: Gate): void {
    this.#standstills--
    gate.stuck = true
  }

  #stop(): void {
    this.#stopped = true
    this.#watched.get(this.#world.root.name)?.end()
    this.#root?.tell('stop')
  }

  #send(client: Client): void {
    client.left--
    client.unanswered++
    const mailbox = this.#mailboxes.get(client.to)!
    const message = this.#ledger.message(client.name, client.to, client.incarnation)
    void mailbox.send(message, client.incarnation).then((answer) => {
      client.unanswered--
      this.#answered(message, answer)
    })
  }

  /** After each event. */
  #check(): void {
    this.#ledger.checkStale()
    for (const name of this.#died) this.#checkDeath(name)
    this.#died.clear()
    const waits = this.#waits.edges().flatMap(({ who, what }) => {
      return who.kind === 'task' && what.kind === 'named' ? [`${who.name} waits for ${what.name}`] : []
    })
    const services = new Set([...this.#mailboxes.keys(), ...this.#clients.map(({ name }) => name)])
    const seen = waits.filter((wait) => services.has(wait.slice(0, wait.indexOf(' waits for '))))
    const expected = this.#ledger.waiting.map(({ message }) => `${message.from} waits for mailbox of ${message.to}`)
    if (seen.toSorted().join() !== expected.toSorted().join()) {
      this.#fail('wait-for-graph', `the graph holds "${seen.join()}" instead of "${expected.join()}"`)
    }
    for (const [name, { size, closed }] of this.#mailboxes) {
      const sends = this.#ledger.waiting.some(({ message }) => message.to === name)
      if (closed && sends) this.#fail('progress', `somebody waits for the mailbox of ${name}, which is closed`)
      const { capacity } = this.#services.get(name)!
      if (size > capacity) this.#fail('capacity', `${size} messages in the mailbox of ${name} for ${capacity}`)
      if (size !== this.#ledger.underWay(name))
        this.#fail('capacity', `${name} counts ${size} messages, and has ${this.#ledger.underWay(name)}`)
    }
  }

  /** A ring of full mailboxes is in the graph, by name. */
  #checkCycles(): void {
    for (const cycle of this.#waits.cycles()) {
      const parties = cycle.map(({ who }) => (who.kind === 'task' ? who.name : ''))
      for (const [at, { what }] of cycle.entries()) {
        const next = parties[(at + 1) % parties.length]
        if (what.kind !== 'named' || what.name !== `mailbox of ${next}`) {
          this.#fail(
            'wait-for-graph',
            `${parties[at]} is said to wait for ${what.kind === 'named' ? what.name : what.kind}`,
          )
        }
      }
    }
  }

  #child(spec: WorldChild): Child {
    return spec.kind === 'service' ? this.#service(spec) : this.#supervisor(spec)
  }

  #supervisor(spec: WorldSupervisor): Child {
    const children = spec.children.map((child) => this.#observed(spec.name, this.#child(child)))
    const child = this.#library.supervisor({
      ...spec,
      children,
      clock: this.#scheduler.clock,
      waits: this.#waits,
      report: (report) => this.#reported(report),
    })
    const watched = (): Watched => new Watched(spec.name, spec, children, () => this.#scheduler.clock.now(), this.#fail)
    return {
      ...child,
      begin: () => {
        this.#watched.set(spec.name, watched())
        return child.begin()
      },
    }
  }

  #reported(report: Report): void {
    const watched = this.#watched.get(report.supervisor)
    if (report.kind === 'restarting') watched?.restarting(report.children)
    if (report.kind === 'gave-up') watched?.gaveUp()
    const { kind, supervisor } = report
    this.#events.push(`${supervisor}: ${kind} ${'child' in report ? `${report.child} ${report.number}` : ''}`)
  }

  /** A child whose supervisor's every move is seen. */
  #observed(by: string, child: Child): Child {
    const watched = (): Watched | undefined => this.#watched.get(by)
    return {
      ...child,
      begin: () => {
        this.#closing.delete(child.name)
        const running = child.begin()
        const supervisor = watched()
        supervisor?.begun(child, running)
        let over = false
        const die = (): void => {
          if (!over) this.#died.add(child.name)
          over = true
        }
        void running.ended.then(die)
        return {
          ...running,
          number: running.number,
          started: running.started,
          ended: running.ended,
          tell: (farewell) => {
            supervisor?.told(child)
            this.#watched.get(child.name)?.end()
            if (farewell === 'stop') this.#closing.add(child.name)
            running.tell(farewell)
          },
          abandon: () => {
            supervisor?.abandoned(child)
            this.#checkAbandoned(child.name)
            this.#watched.get(child.name)?.end()
            running.abandon()
            die()
          },
        }
      },
      cancel: () => {
        watched()?.forgotten(child)
        this.#closing.add(child.name)
        child.cancel()
      },
    }
  }

  #service(spec: WorldService): Child {
    const mailbox = new this.#library.Mailbox<Message>({
      name: spec.name,
      capacity: spec.capacity,
      onDeath: spec.onDeath,
      waits: this.#waits,
      lost: (lost) => {
        this.#ledger.lost(lost)
        if (lost.why === 'unread') this.#checkGivenUp(spec, `message ${lost.message.id} is lost`)
      },
      done: (message) => this.#ledger.done(message),
    })
    this.#mailboxes.set(spec.name, mailbox)
    this.#services.set(spec.name, spec)
    return this.#library.service({ ...spec, mailbox, start: (self) => this.#start(spec, self) })
  }

  /** A service that awaits the schedule wherever it could await anything. */
  async #start(spec: WorldService, self: Self<Message>): Promise<Run> {
    const { incarnation } = self
    const label = `${spec.name} ${incarnation.number}`
    const wait = (where: string, safe = false): Promise<void> =>
      this.#wait(`${label} ${where}`, () => incarnation.stale, safe)
    const life: Life = { incarnation, at: 'gate' }
    this.#lives.set(spec.name, life)
    await wait('starting', incarnation.number === 1 && !this.#world.mayNotStart)
    return async () => {
      for (let done = 0; done < spec.quitsAfter; done++) {
        await wait('before receiving')
        life.at = 'receiving'
        const received = await self.receive()
        life.at = 'gate'
        if (received.state === 'closed') {
          if (!incarnation.signal.aborted) this.#fail('progress', `${label} is told that its mailbox is closed`)
          return wait('ending')
        }
        this.#ledger.received(received.value)
        await wait('working')
        if (spec.to) {
          life.at = 'sending'
          await this.#pass(spec.name, spec.to, self)
          life.at = 'gate'
        }
        await wait('having worked')
        this.#ledger.finished(received.value)
      }
    }
  }

  async #pass(from: string, to: string, self: Self<Message>): Promise<void> {
    const message = this.#ledger.message(from, to, self.incarnation)
    this.#answered(message, await self.send(this.#mailboxes.get(to)!, message))
  }

  #answered(message: Message, answer: Answer<Message>): void {
    this.#ledger.answered(message, answer)
    if (answer.state === 'failed') this.#checkGivenUp(this.#services.get(message.to)!, `message ${message.id} failed`)
    if (answer.state === 'closed' && !this.#isClosing(message.to)) {
      this.#fail('transfer', `message ${message.id} came back, though somebody will receive`)
    }
  }

  /** Whoever is told to end can, unless it stands still where it waits for something else, or sends to one that does. */
  #checkAbandoned(name: string): void {
    const life = this.#lives.get(name)
    if (!life?.incarnation.signal.aborted) return
    if (life.at === 'receiving' || (life.at === 'sending' && life.incarnation.retired)) {
      this.#fail('progress', `${name} is ${life.at} after it was told to end`)
    }
  }

  /** Only where it is stated, or where nobody will come, what nobody has taken is given up. */
  #checkGivenUp({ name, onDeath }: WorldService, what: string): void {
    if (this.#isClosing(name)) return
    if (onDeath === 'transfer' || !this.#lives.get(name)?.incarnation.stale) {
      this.#fail('transfer', `${what}, though somebody will receive`)
    }
  }

  /** An incarnation is over: where it is so stated, nobody waits for the next. */
  #checkDeath(name: string): void {
    if (this.#services.get(name)?.onDeath !== 'fail') return
    const waiting = this.#ledger.waiting.some(({ message }) => message.to === name)
    if (waiting || this.#ledger.underWay(name) > 0) this.#fail('transfer', `messages outlive ${name}`)
  }

  #isClosing(name: string): boolean {
    return this.#over || this.#closing.has(name)
  }

  #wait(label: string, stale: () => boolean, safe: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const open = (failure?: Error): void => (failure ? reject(failure) : resolve())
      this.#gates.add({ label, stale, safe, open, stuck: false })
    })
  }
}

interface Client extends WorldClient {
  readonly name: string
  readonly incarnation: Incarnation
  unanswered: number
  left: number
}
