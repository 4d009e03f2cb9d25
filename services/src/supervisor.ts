import { LinkedQueue, liveClock } from '@switchyard/core'
import type { Clock, Party, WaitForGraph } from '@switchyard/core'
import { atLeastZero } from './service.ts'
import type { Child, End, Farewell, Running } from './service.ts'
import { ended } from './strategy.ts'
import type { Policy, Restart } from './strategy.ts'

/** What a supervisor tells about its children, as it happens. */
export type Report =
  | { readonly kind: 'started'; readonly supervisor: string; readonly child: string; readonly number: number }
  | {
      readonly kind: 'ended'
      readonly supervisor: string
      readonly child: string
      readonly number: number
      readonly end: End
    }
  /** It did not end in time. It still runs, and nothing that it sends is accepted. It may be reported as `ended` later. */
  | { readonly kind: 'abandoned'; readonly supervisor: string; readonly child: string; readonly number: number }
  | { readonly kind: 'restarting'; readonly supervisor: string; readonly children: readonly string[] }
  | { readonly kind: 'gave-up'; readonly supervisor: string }

export interface SupervisorOptions extends Policy {
  /** Unique under its own supervisor. */
  readonly name: string
  /** Started in this order, each when the one before is ready; stopped in the reverse order. */
  readonly children: readonly Child[]
  /** Called as it happens: for a log. Must not throw. */
  readonly report: (report: Report) => void
  /** For a supervisor under another one. Default `permanent`. */
  readonly restart?: Restart
  /** For a supervisor under another one: default Infinity, since its children have limits of their own. */
  readonly stopMs?: number
  /** Default: `liveClock`. */
  readonly clock?: Clock
  /** Where it is entered whom the supervisor waits for. */
  readonly waits?: WaitForGraph
}

/**
 * A supervisor as a child: of another one, or of `start`. Throws TypeError if two children have one name, RangeError if a
 * number is below 0.
 */
export function supervisor(options: SupervisorOptions): Child {
  const { name, children, intensity, periodMs, restart = 'permanent', stopMs = Infinity } = options
  const names = children.map((child) => child.name)
  if (new Set(names).size < names.length)
    throw new TypeError(`two children of "${name}" have one name: ${names.join(', ')}`)
  for (const [limit, value] of Object.entries({ intensity, periodMs, stopMs })) atLeastZero(limit, value)
  let lives = 0
  return {
    name,
    restart,
    stopMs,
    begin: () => new Supervision(options, ++lives),
    cancel() {
      for (const child of children) child.cancel()
    },
  }
}

/** A tree of services that runs. */
export interface Tree extends AsyncDisposable {
  /** Settles when the tree is over: told to stop, or given up. */
  readonly ended: Promise<End>
  /** Stops everything, last started first. Settles when all has ended or been abandoned; no message is left. */
  stop(): Promise<void>
}

/** Starts the uppermost supervisor. Rejects with what a service threw that could not be started; then nothing runs. */
export async function start(root: Child): Promise<Tree> {
  const running = root.begin()
  const over = running.ended.then((end) => {
    root.cancel()
    return end
  })
  if (!(await running.started)) {
    const end = await over
    throw new Error(`${root.name} has not started`, end.how === 'failed' ? { cause: end.error } : {})
  }
  async function stop(): Promise<void> {
    running.tell('stop')
    await over
  }
  return { ended: over, stop, [Symbol.asyncDispose]: stop }
}

/** Where a child runs, or has run last. Empty before it starts, and once it was told to end and has. */
interface Place {
  readonly child: Child
  running: Running | undefined
}

/**
 * One incarnation of a supervisor. It does one thing at a time: it takes the next child that has ended, asks the strategy,
 * and carries out the answer. Children that end meanwhile wait their turn; an end is ignored if its place has been emptied
 * or taken by then.
 */
class Supervision implements Running {
  readonly number: number
  readonly started: Promise<boolean>
  readonly ended: Promise<End>
  readonly #options: SupervisorOptions
  readonly #clock: Clock
  readonly #party: Party
  readonly #ends = new LinkedQueue<{ readonly place: Place; readonly running: Running; readonly end: End }>()
  #places: readonly Place[]
  #restarts: readonly number[] = []
  #told: Farewell | undefined
  /** Something has happened. */
  #wake: () => void = () => {}

  constructor(options: SupervisorOptions, number: number) {
    this.number = number
    this.#options = options
    this.#clock = options.clock ?? liveClock
    this.#party = { kind: 'task', name: options.name }
    this.#places = options.children.map((child) => ({ child, running: undefined }))
    const first = this.#start(this.#places)
    this.started = first.then((stuck) => stuck === undefined)
    this.ended = this.#supervise(first)
  }

  tell(farewell: Farewell): void {
    this.#told ??= farewell
    this.#wake()
  }

  abandon(): void {
    for (const { running } of this.#places) running?.abandon()
  }

  async #supervise(first: Promise<Running | undefined>): Promise<End> {
    const stuck = await first
    if (stuck && !this.#told) {
      await this.#endAll('retire')
      return stuck.ended
    }
    for (;;) {
      await this.#until(() => this.#told !== undefined || this.#ends.length > 0)
      if (this.#told) {
        await this.#endAll(this.#told)
        return { how: 'returned' }
      }
      const { place, running, end } = this.#ends.shift()!.item
      if (place.running !== running || (await this.#replace(place.child, end))) continue
      await this.#endAll('retire')
      return { how: 'gave-up' }
    }
  }

  /** Whether to go on. */
  async #replace({ name }: Child, end: End): Promise<boolean> {
    const children = this.#places.map(({ child }) => child)
    const decision = ended(this.#options, this.#restarts, name, end.how === 'failed', children, this.#clock.now())
    switch (decision.kind) {
      case 'forget':
        this.#forget([name])
        return true
      case 'give-up':
        this.#report({ kind: 'gave-up', supervisor: this.#options.name })
        return false
      case 'restart':
        this.#restarts = decision.restarts
        await this.#restart(decision.stop, decision.start)
        return true
    }
  }

  async #restart(stops: readonly string[], starts: readonly string[]): Promise<void> {
    this.#report({ kind: 'restarting', supervisor: this.#options.name, children: starts })
    await this.#turn()
    for (const place of this.#placesOf(stops)) await this.#end(place, 'retire')
    this.#forget(stops.filter((name) => !starts.includes(name)))
    if (!this.#told) await this.#start(this.#placesOf(starts))
  }

  /** A child that ends as soon as it starts would let nothing else happen. */
  async #turn(): Promise<void> {
    let over = false
    this.#clock.turn(() => {
      over = true
      this.#wake()
    })
    await this.#until(() => over || this.#told !== undefined)
  }

  /**
   * In order, each when the one before is ready. Returns the first that is not: it has ended, or this supervisor is told
   * to end.
   */
  async #start(places: readonly Place[]): Promise<Running | undefined> {
    for (const place of places) {
      const { child } = place
      const running = child.begin()
      place.running = running
      void running.ended.then((end) => this.#hasEnded(place, running, end))
      let ready: boolean | undefined
      void running.started.then((started) => {
        ready = started
        this.#wake()
      })
      using _ = this.#wait(`${child.name} to start`, child)
      await this.#until(() => ready !== undefined || this.#told !== undefined)
      if (!ready || this.#told) return running
      this.#report({ kind: 'started', supervisor: this.#options.name, child: child.name, number: running.number })
    }
    return undefined
  }

  #hasEnded(place: Place, running: Running, end: End): void {
    const { number } = running
    this.#report({ kind: 'ended', supervisor: this.#options.name, child: place.child.name, number, end })
    this.#ends.push({ place, running, end })
    this.#wake()
  }

  async #endAll(farewell: Farewell): Promise<void> {
    for (const place of this.#places.toReversed()) await this.#end(place, farewell)
  }

  /** Tells a child to end, and waits for that as long as it may take. */
  async #end(place: Place, farewell: Farewell): Promise<void> {
    const { child, running } = place
    if (running) {
      let over = false
      void running.ended.then(() => {
        over = true
        this.#wake()
      })
      running.tell(farewell)
      if (!(await this.#inTime(child, () => over))) {
        running.abandon()
        this.#report({ kind: 'abandoned', supervisor: this.#options.name, child: child.name, number: running.number })
      }
      place.running = undefined
    }
    // Also where nobody has run yet: somebody may wait to send there.
    if (farewell === 'stop') child.cancel()
  }

  async #inTime(child: Child, over: () => boolean): Promise<boolean> {
    let late = false
    using _ = this.#wait(`the end of ${child.name}`, child)
    const cancel = Number.isFinite(child.stopMs)
      ? this.#clock.after(child.stopMs, () => {
          late = true
          this.#wake()
        })
      : undefined
    await this.#until(() => late || over())
    cancel?.()
    return over()
  }

  /** These children are over for good. A temporary one leaves no place; others may be started with their siblings. */
  #forget(names: readonly string[]): void {
    for (const { child } of this.#placesOf(names)) child.cancel()
    this.#places = this.#places.filter(({ child }) => child.restart !== 'temporary' || !names.includes(child.name))
  }

  /** In the order of the names. */
  #placesOf(names: readonly string[]): readonly Place[] {
    return names.flatMap((name) => this.#places.filter(({ child }) => child.name === name))
  }

  #wait(name: string, child: Child): Disposable | undefined {
    const holder: Party = { kind: 'task', name: child.name }
    return this.#options.waits?.begin(this.#party, { kind: 'named', name, holder: () => holder })
  }

  #report(report: Report): void {
    this.#options.report(report)
  }

  /** One wait at a time: `condition` is looked at whenever something has happened. */
  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
  }
}
