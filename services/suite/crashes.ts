import { liveClock, Random } from '@switchyard/core'
import { RandomChoices } from '@switchyard/sim'
import type { Violation } from '@switchyard/sim'
import type { Mailbox, Run, Self, Strategy, Tree } from '../src/index.ts'
import { Ledger } from './ledger.ts'
import type { Message } from './ledger.ts'
import type { Library } from './library.ts'
import { runServices } from './run.ts'
import type { ServicesWorld, WorldService } from './world.ts'

/** What became of every message while services crashed. */
export interface CrashAccount {
  readonly crashes: number
  /** Messages that somebody tried to send, and where they ended: the other three add up to this. */
  readonly sent: number
  readonly done: number
  readonly lost: number
  readonly cameBack: number
  readonly violation: Violation | undefined
}

export interface LiveCrashes extends CrashAccount {
  /** From each crash to the moment when the next incarnation was ready, ms, in rising order. */
  readonly replacementMs: readonly number[]
}

const STRATEGIES: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one']
const SERVICES = ['a', 'b', 'c']
/** One message in so many crashes its service, at each of the places where it awaits something. */
const CRASH_ONE_IN = 8

/**
 * Services that crash at random, on the machine's own clock, under each strategy in turn. Each passes on to the next what
 * it has done. Settles when that many have crashed and everything is stopped.
 */
export async function crashLive(library: Library, crashes: number, seed: number): Promise<LiveCrashes> {
  const random = new Random(seed)
  const accounts: LiveCrashes[] = []
  for (const [index, strategy] of STRATEGIES.entries()) {
    const share =
      Math.floor((crashes * (index + 1)) / STRATEGIES.length) - Math.floor((crashes * index) / STRATEGIES.length)
    accounts.push(await new LiveRun(library, strategy, share, random).run())
  }
  return {
    ...accounts.reduce<CrashAccount>(added, NOTHING),
    replacementMs: accounts.flatMap(({ replacementMs }) => replacementMs).toSorted((a, b) => a - b),
  }
}

/** The same on the simulator's clock, where the schedule says who crashes, and where; and all rules are checked. */
export async function crashSimulated(library: Library, crashes: number, seed: number): Promise<CrashAccount> {
  const random = new Random(seed)
  let account = NOTHING
  while (account.crashes < crashes && !account.violation) {
    const world = crashingWorld(random, Math.min(CRASHES_A_WORLD, crashes - account.crashes))
    const { violation, failures, ledger } = await runServices(library, world, new RandomChoices(random.below(2 ** 32)))
    account = added(account, { crashes: failures, ...ledger.count(), violation })
  }
  return account
}

const NOTHING: CrashAccount = { crashes: 0, sent: 0, done: 0, lost: 0, cameBack: 0, violation: undefined }

function added(one: CrashAccount, other: CrashAccount): CrashAccount {
  return {
    crashes: one.crashes + other.crashes,
    sent: one.sent + other.sent,
    done: one.done + other.done,
    lost: one.lost + other.lost,
    cameBack: one.cameBack + other.cameBack,
    violation: one.violation ?? other.violation,
  }
}

const CRASHES_A_WORLD = 40

/** Three services that are restarted as often as it takes, and enough messages for that. */
function crashingWorld(random: Random, failures: number): ServicesWorld {
  const service = (name: string, index: number): WorldService => ({
    kind: 'service',
    name,
    restart: 'permanent',
    capacity: 1 + random.below(2),
    onDeath: random.below(2) === 0 ? 'transfer' : 'fail',
    stopMs: 100,
    to: SERVICES[index + 1],
    quitsAfter: Infinity,
  })
  return {
    root: {
      kind: 'supervisor',
      name: 'root',
      restart: 'permanent',
      strategy: STRATEGIES[random.below(STRATEGIES.length)]!,
      intensity: Infinity,
      periodMs: 1_000,
      stopMs: Infinity,
      children: SERVICES.map(service),
    },
    clients: SERVICES.map((to) => ({ to, count: 40, hasty: random.below(2) === 0 })),
    failures,
    standstills: 1,
    mayNotStart: false,
    stop: false,
  }
}

class LiveRun {
  readonly #library: Library
  readonly #strategy: Strategy
  readonly #most: number
  readonly #random: Random
  readonly #ledger = new Ledger()
  readonly #mailboxes: readonly Mailbox<Message>[]
  readonly #crashedAt = new Map<string, number>()
  readonly #replacementMs: number[] = []
  #crashes = 0

  constructor(library: Library, strategy: Strategy, most: number, random: Random) {
    this.#library = library
    this.#strategy = strategy
    this.#most = most
    this.#random = random
    this.#mailboxes = SERVICES.map(
      (name, index) =>
        new library.Mailbox<Message>({
          name,
          capacity: index + 1,
          onDeath: index === 1 ? 'fail' : 'transfer',
          lost: (lost) => this.#ledger.lost(lost),
          done: (message) => this.#ledger.done(message),
        }),
    )
  }

  async run(): Promise<LiveCrashes> {
    const tree = await this.#library.start(this.#root())
    await Promise.all(this.#mailboxes.map((mailbox, index) => this.#client(`client ${index}`, mailbox)))
    await this.#stop(tree)
    this.#ledger.checkEnd()
    const { violation } = this.#ledger
    return { crashes: this.#crashes, ...this.#ledger.count(), violation, replacementMs: this.#replacementMs }
  }

  async #stop(tree: Tree): Promise<void> {
    await tree.stop()
    const { how } = await tree.ended
    if (how !== 'returned') throw new Error(`the tree ${how}`)
  }

  #root(): ReturnType<Library['supervisor']> {
    return this.#library.supervisor({
      name: 'root',
      strategy: this.#strategy,
      intensity: Infinity,
      periodMs: 0,
      children: this.#mailboxes.map((mailbox, index) =>
        this.#library.service({
          name: mailbox.name,
          mailbox,
          start: (self) => this.#start(mailbox.name, self, this.#mailboxes[index + 1]),
        }),
      ),
      report: (report) => {
        if (report.kind === 'ended' && report.end.how === 'failed') this.#crashedAt.set(report.child, liveClock.now())
        if (report.kind === 'started') this.#replaced(report.child)
      },
    })
  }

  #replaced(child: string): void {
    const at = this.#crashedAt.get(child)
    if (at !== undefined) this.#replacementMs.push(liveClock.now() - at)
    this.#crashedAt.delete(child)
  }

  /** Until enough have crashed. */
  async #client(name: string, mailbox: Mailbox<Message>): Promise<void> {
    const incarnation = new this.#library.Incarnation(name)
    while (this.#crashes < this.#most) {
      const message = this.#ledger.message(name, mailbox.name, incarnation)
      this.#ledger.answered(message, await mailbox.send(message, incarnation))
      // Promises that only wait for each other would let no turn end, and nobody would be restarted.
      if (this.#random.below(8) === 0) await new Promise<void>((resolve) => liveClock.turn(resolve))
    }
  }

  async #start(name: string, self: Self<Message>, to: Mailbox<Message> | undefined): Promise<Run> {
    await Promise.resolve()
    return async () => {
      for await (const message of self.messages()) {
        this.#ledger.received(message)
        await this.#mayCrash()
        if (to) await this.#pass(name, self, to)
        await this.#mayCrash()
        this.#ledger.finished(message)
      }
    }
  }

  async #pass(name: string, self: Self<Message>, to: Mailbox<Message>): Promise<void> {
    const message = this.#ledger.message(name, to.name, self.incarnation)
    this.#ledger.answered(message, await self.send(to, message))
  }

  async #mayCrash(): Promise<void> {
    await Promise.resolve()
    if (this.#crashes >= this.#most || this.#random.below(CRASH_ONE_IN) > 0) return
    this.#crashes++
    throw new Error(`crash ${this.#crashes}`)
  }
}
