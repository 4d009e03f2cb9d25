import type { Child, End, Policy, Running } from '../src/index.ts'
import type { Rule } from './ledger.ts'

/** What can be seen of one incarnation of a child. */
interface Life {
  readonly child: Child
  readonly running: Running
  readonly number: number
  ready: boolean
  told: boolean
  over: boolean
}

/**
 * Watches the children of one supervisor, through one of its incarnations, and knows OTP's rules by itself: which end
 * leads to what, in which order children are started and told to end. It learns of everything by wrapping the children.
 */
export class Watched {
  readonly #name: string
  readonly #policy: Policy
  readonly #children: Child[]
  readonly #now: () => number
  readonly #fail: (rule: Rule, message: string) => void
  readonly #lives = new Map<string, Life>()
  /** Ended by themselves, and not seen to. */
  readonly #pending: { readonly life: Life; readonly failed: boolean }[] = []
  /** Will be started, in this order. */
  #starts: string[]
  /** Will be told to end, in this order, before anything is started. */
  #stops: readonly Life[] = []
  #forgets: string[] = []
  #restarts: number[] = []
  #over = false
  /** Not everybody has been ready once. */
  #first = true

  constructor(
    name: string,
    policy: Policy,
    children: readonly Child[],
    now: () => number,
    fail: (rule: Rule, message: string) => void,
  ) {
    this.#name = name
    this.#policy = policy
    this.#children = [...children]
    this.#now = now
    this.#fail = fail
    this.#starts = children.map((child) => child.name)
  }

  /** The supervisor itself is told to end, or does so. From now on children are told to end in reverse order, and none begins. */
  end(): void {
    this.#over = true
  }

  begun(child: Child, running: Running): void {
    const before = this.#lives.get(child.name)
    if (before && !before.over) this.#fail('one-at-a-time', `${child.name} begins before its predecessor is over`)
    if (this.#over) this.#fail('stop-order', `${child.name} begins when ${this.#name} is told to end`)
    if (this.#starts.shift() !== child.name)
      this.#fail('restart-set', `${child.name} is started, and should not be now`)
    const unstopped = this.#stops.find(({ over }) => !over)
    if (unstopped) this.#fail('restart-set', `${child.name} is started before ${unstopped.child.name} is over`)
    for (const life of this.#lives.values()) {
      if (!life.ready && !life.over)
        this.#fail('start-order', `${child.name} begins before ${life.child.name} is ready`)
    }
    const life: Life = { child, running, number: running.number, ready: false, told: false, over: false }
    this.#lives.set(child.name, life)
    void running.started.then((ready) => {
      life.ready = ready
      if (!ready && this.#first) this.end()
      if (!ready) this.#starts = []
      this.#first &&= this.#starts.length > 0
    })
    void running.ended.then((end) => this.#ended(life, end))
  }

  #ended(life: Life, end: End): void {
    life.over = true
    if (this.#lives.get(life.child.name) === life) this.#pending.push({ life, failed: end.how === 'failed' })
  }

  told(child: Child): void {
    const life = this.#lives.get(child.name)!
    life.told = true
    if (!this.#over && !this.#stops.includes(life)) {
      this.#fail('restart-set', `${child.name} is told to end, and should not be`)
    }
    for (const { name } of this.#children.slice(this.#at(child.name) + 1)) {
      const later = this.#lives.get(name)
      if (later && !later.over && (this.#over || this.#stops.includes(later))) {
        this.#fail('stop-order', `${child.name} is told to end before ${name} is over`)
      }
    }
  }

  abandoned(child: Child): void {
    this.#lives.get(child.name)!.over = true
  }

  forgotten(child: Child): void {
    if (this.#over) return
    if (this.#forgets.includes(child.name)) {
      this.#forgets = this.#forgets.filter((name) => name !== child.name)
      this.#drop(child.name)
      return
    }
    const next = this.#next()
    if (!next || next.life.child.name !== child.name || this.#isRestarted(next.life.child, next.failed)) {
      this.#fail('restart-set', `${child.name} is forgotten, and should not be`)
    }
    this.#drop(child.name)
  }

  restarting(names: readonly string[]): void {
    const next = this.#next()
    const recent = this.#recent()
    const expected = next && this.#isRestarted(next.life.child, next.failed) ? this.#affected(next.life.child) : []
    const starts = expected.filter(({ restart }) => restart !== 'temporary').map(({ name }) => name)
    if (starts.join() !== names.join()) {
      this.#fail(
        'restart-set',
        `${this.#name} restarts ${names.join() || 'nothing'} instead of ${starts.join() || 'nothing'}`,
      )
    }
    if (recent.length >= this.#policy.intensity)
      this.#fail('restart-set', `${this.#name} restarts more often than it may`)
    this.#restarts.push(this.#now())
    this.#starts = starts
    this.#stops = expected.flatMap(({ name }) => this.#lives.get(name) ?? [])
    this.#forgets = expected.filter(({ restart }) => restart === 'temporary').map(({ name }) => name)
  }

  gaveUp(): void {
    const next = this.#next()
    if (!next || !this.#isRestarted(next.life.child, next.failed) || this.#recent().length < this.#policy.intensity) {
      this.#fail('restart-set', `${this.#name} gives up, and should not`)
    }
    this.end()
  }

  /** Nothing happens any more: whatever should have been done was done. */
  rest(): void {
    if (this.#over || [...this.#lives.values()].some(({ ready, over }) => !ready && !over)) return
    const next = this.#next()
    if (next) this.#fail('restart-set', `nobody sees to the end of ${next.life.child.name}`)
    if (this.#starts.length > 0) this.#fail('restart-set', `${this.#starts.join()} should be started`)
    if (this.#forgets.length > 0) this.#fail('restart-set', `${this.#forgets.join()} should be forgotten`)
  }

  /** The first end that is still somebody's business. */
  #next(): { readonly life: Life; readonly failed: boolean } | undefined {
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      if (!next.life.told && this.#lives.get(next.life.child.name) === next.life) return next
    }
    return undefined
  }

  #recent(): readonly number[] {
    return this.#restarts.filter((time) => time + this.#policy.periodMs >= this.#now())
  }

  #isRestarted({ restart }: Child, failed: boolean): boolean {
    return restart === 'permanent' || (restart === 'transient' && failed)
  }

  #affected(child: Child): readonly Child[] {
    const at = this.#at(child.name)
    const from = { 'one-for-one': at, 'rest-for-one': at, 'one-for-all': 0 }[this.#policy.strategy]
    const to = this.#policy.strategy === 'one-for-one' ? at + 1 : undefined
    return this.#children.slice(from, to)
  }

  #drop(name: string): void {
    const at = this.#at(name)
    if (this.#children[at]?.restart === 'temporary') this.#children.splice(at, 1)
  }

  #at(name: string): number {
    return this.#children.findIndex((child) => child.name === name)
  }
}
