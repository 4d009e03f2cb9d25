import type { Violation } from '@switchyard/sim'
import type { Answer, Incarnation, Lost } from '../src/index.ts'

/** What a run must not break: the clause of a violation. */
export type Rule =
  /** Each message is done, comes back or is reported lost: once. */
  | 'once'
  /** Messages of one sender are received in the order in which they were sent. */
  | 'order'
  /** Nothing is taken from an incarnation that is over. */
  | 'stale'
  /** What nobody has taken is for the next incarnation, or fails, as stated. */
  | 'transfer'
  /** Not more messages under way than the capacity allows. */
  | 'capacity'
  /** Whoever can go on does. */
  | 'progress'
  /** After an end, the children that the strategy names are restarted, and no others. */
  | 'restart-set'
  | 'one-at-a-time'
  | 'start-order'
  | 'stop-order'
  | 'stop-ends'
  /** The graph holds every wait, and only those. */
  | 'wait-for-graph'

export interface Message {
  readonly id: number
  readonly to: string
  /** Whoever sent it, by name: all incarnations of a service are one sender. */
  readonly from: string
}

/** A message that somebody tried to send. */
export interface Entry {
  readonly message: Message
  readonly by: Incarnation
  readonly staleBefore: boolean
  answer: Answer<Message>['state'] | undefined
  received: boolean
  /** The service has done all that it does with a message. */
  finished: boolean
  fate: 'done' | 'lost' | undefined
}

/** Every message that anybody tried to send, and what became of it. */
export class Ledger {
  readonly #entries: Entry[] = []
  readonly #lastReceived = new Map<string, number>()
  #violation: Violation | undefined

  /** Those that are not answered. */
  get waiting(): readonly Entry[] {
    return this.#entries.filter(({ answer }) => !answer)
  }

  /** How many of those in a mailbox are not over. */
  underWay(to: string): number {
    return this.#entries.filter(({ message, answer, fate }) => message.to === to && answer === 'ok' && !fate).length
  }

  /** All messages, by where they ended. */
  count(): { readonly sent: number; readonly done: number; readonly lost: number; readonly cameBack: number } {
    const having = (fate: Entry['fate']): number => this.#entries.filter((entry) => entry.fate === fate).length
    const cameBack = this.#entries.filter(({ answer }) => answer !== undefined && answer !== 'ok').length
    return { sent: this.#entries.length, done: having('done'), lost: having('lost'), cameBack }
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  /** A message that is about to be sent. */
  message(from: string, to: string, by: Incarnation): Message {
    const message: Message = { id: this.#entries.length, from, to }
    const entry = { message, by, staleBefore: by.stale, answer: undefined, received: false, finished: false }
    this.#entries.push({ ...entry, fate: undefined })
    return message
  }

  answered({ id }: Message, answer: Answer<Message>): void {
    const entry = this.#entries[id]!
    entry.answer = answer.state
    if (answer.state !== 'ok' && answer.message !== entry.message) this.#fail('once', entry, 'came back as another one')
    if (answer.state === 'stale' && !entry.by.retired && !entry.by.stale)
      this.#fail('stale', entry, 'came back as stale')
    if (entry.staleBefore && answer.state !== 'stale') this.#fail('stale', entry, `was answered ${answer.state}`)
  }

  received({ id, from, to }: Message): void {
    const entry = this.#entries[id]!
    if (entry.received) this.#fail('once', entry, 'was received twice')
    entry.received = true
    const pair = `${from} to ${to}`
    if (id < (this.#lastReceived.get(pair) ?? -1)) this.#fail('order', entry, 'was received after a later one')
    this.#lastReceived.set(pair, id)
  }

  finished({ id }: Message): void {
    this.#entries[id]!.finished = true
  }

  done({ id }: Message): void {
    const entry = this.#entries[id]!
    this.#ends(entry, 'done')
    if (!entry.finished) this.#fail('once', entry, 'counts as done, though its service has not finished it')
  }

  lost({ message: { id }, why }: Lost<Message>): void {
    const entry = this.#entries[id]!
    this.#ends(entry, 'lost')
    if (entry.received !== (why === 'in-hand')) this.#fail('once', entry, `was lost ${why}`)
  }

  /** After each event: an incarnation that is over waits for no mailbox. */
  checkStale(): void {
    for (const entry of this.#entries) {
      if (entry.by.stale && !entry.answer) this.#fail('stale', entry, 'still waits, though its sender is over')
    }
  }

  /** When the tree is over. */
  checkEnd(): void {
    for (const entry of this.#entries) {
      if (!entry.answer) this.#fail('once', entry, 'was never answered')
      if (entry.answer === 'ok' && !entry.fate) this.#fail('once', entry, 'got in, and nobody knows what became of it')
      if (entry.answer !== 'ok' && entry.received) this.#fail('once', entry, 'came back, and was received')
      if (entry.answer !== 'ok' && entry.fate) this.#fail('once', entry, `came back, and was ${entry.fate}`)
    }
  }

  #ends(entry: Entry, fate: 'done' | 'lost'): void {
    if (entry.fate) this.#fail('once', entry, `was ${entry.fate}, and then ${fate}`)
    entry.fate = fate
  }

  #fail(rule: Rule, { message: { id, from, to } }: Entry, what: string): void {
    this.#violation ??= { clause: rule, message: `message ${id} from ${from} to ${to} ${what}` }
  }
}
