import { LinkedQueue } from '@switchyard/core'
import type { Received, WaitForGraph } from '@switchyard/core'
import type { Ending, Held, Incarnation } from './incarnation.ts'

/** What became of a message that was sent. Where it did not get in, it comes back. */
export type Answer<M> =
  | { readonly state: 'ok' }
  /**
   * `closed`: nobody will receive it. `failed`: the receiver died first. `stale`: the sender is over; or it is told to
   * retire, and would have to wait.
   */
  | { readonly state: 'closed' | 'failed' | 'stale'; readonly message: M }

/** A message that got in and that nobody will have done. */
export interface Lost<M> {
  readonly message: M
  /** `in-hand`: its receiver ended while at it, so that it may be done in part. `unread`: nobody took it. */
  readonly why: 'in-hand' | 'unread'
}

export interface MailboxOptions<M> {
  /** For people, and for the wait-for graph. */
  readonly name: string
  /** Messages that are in it, the one that the receiver took last included. A whole number from 1, or Infinity. */
  readonly capacity: number
  /**
   * What the death of the receiver does to whatever nobody has taken. `transfer`: it waits for the next incarnation, in
   * order. `fail`: senders that wait are told `failed`, and what is in the mailbox is lost.
   */
  readonly onDeath: 'transfer' | 'fail'
  /** Called once for each message that is lost. */
  readonly lost: (lost: Lost<M>) => void
  /** Called once for each message whose receiver has come back for the next, or has returned. */
  readonly done?: (message: M) => void
  /** Where waits are entered. */
  readonly waits?: WaitForGraph
}

interface Parked<M> {
  readonly message: M
  readonly from: Incarnation
  readonly answer: (answer: Answer<M>) => void
  readonly wait: Disposable | undefined
}

const OK = { state: 'ok' } as const
/** One promise for all messages that get in at once. */
const ACCEPTED: Promise<typeof OK> = Promise.resolve(OK)
const CLOSED = { state: 'closed' } as const
const NOTHING_MORE: Promise<typeof CLOSED> = Promise.resolve(CLOSED)

/**
 * A bounded queue that outlives whoever receives from it. When it is full, senders wait, first come first served. The
 * message that the receiver took last still counts, until the receiver comes back for more: so a capacity of 1 means that
 * one message is under way.
 *
 * A receiver is an incarnation of a service. When that ends, the next one can be attached, and what nobody has taken is
 * transferred to it, or fails, as `onDeath` says. The message in hand is never given to anybody again: if the incarnation
 * returned, it is done; otherwise it is lost, and reported. An incarnation that is over finds every mailbox closed, and
 * what it waits to send comes back to it.
 *
 * This is not core's `Channel` with an owner, because a channel keeps what was put into it: here a waiting message is taken
 * out again when its sender ends.
 */
export class Mailbox<M> {
  readonly name: string
  readonly #options: MailboxOptions<M>
  readonly #capacity: number
  readonly #messages = new LinkedQueue<M>()
  readonly #parked = new LinkedQueue<Parked<M>>()
  #receiver: Incarnation | undefined
  #inHand: { readonly message: M } | undefined
  /** The receiver waits for a message. */
  #waiting: { readonly answer: (received: Received<M>) => void; wait: Disposable | undefined } | undefined
  #closed = false
  readonly #held: Held = {
    retired: (by) => {
      this.#giveBack('stale', ({ from }) => from === by)
      if (by === this.#receiver) this.#answerReceiver(CLOSED)
    },
    ended: (by, how) => this.#ended(by, how),
  }

  /** Throws RangeError if `capacity` is no whole number from 1, nor Infinity. */
  constructor(options: MailboxOptions<M>) {
    const { name, capacity } = options
    if (capacity !== Infinity && !(Number.isSafeInteger(capacity) && capacity >= 1)) {
      throw new RangeError(`capacity is ${capacity}: it must be a whole number from 1, or Infinity`)
    }
    this.name = name
    this.#options = options
    this.#capacity = capacity
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Messages that are in it, the one in hand included. */
  get size(): number {
    return this.#messages.length + (this.#inHand ? 1 : 0)
  }

  /** Settles when `message` is in, or when it is certain that it never will be. */
  send(message: M, from: Incarnation): Promise<Answer<M>> {
    if (from.stale) return Promise.resolve({ state: 'stale', message })
    if (this.#closed) return Promise.resolve({ state: 'closed', message })
    if (this.#parked.length === 0 && this.#hasRoom()) {
      this.#admit(message)
      return ACCEPTED
    }
    if (from.retired) return Promise.resolve({ state: 'stale', message })
    return this.#park(message, from)
  }

  /**
   * Takes the first message; waits for one. The message that was taken before is done. `closed` when the mailbox is closed
   * and empty, and to whoever is not its receiver, or no longer. One call at a time.
   */
  receive(by: Incarnation): Promise<Received<M>> {
    if (by !== this.#receiver) return NOTHING_MORE
    if (this.#waiting) throw new Error(`two calls of receive at a time from mailbox "${this.name}"`)
    this.#finish()
    if (by.retired) return NOTHING_MORE
    this.#unpark()
    if (this.#messages.length > 0) return Promise.resolve(this.#take())
    if (this.#closed) return NOTHING_MORE
    return new Promise((answer) => {
      this.#waiting = { answer, wait: undefined }
      if (by.signal.aborted) this.#enterIdle(by)
    })
  }

  /** `by` is the receiver from now on, and the mailbox is open. Throws Error if there is a receiver already. */
  attach(by: Incarnation): void {
    if (this.#receiver) throw new Error(`mailbox "${this.name}" has a receiver already`)
    this.#receiver = by
    this.#closed = false
    by.hold(this.#held)
    by.signal.addEventListener('abort', () => this.#enterIdle(by))
  }

  /** The senders' end: nothing more goes in, and whoever waits gets its message back. What is in can be received. */
  close(): void {
    this.#closed = true
    this.#giveBack('closed', () => true)
    // A receiver that waits has seen that nothing is in.
    this.#answerReceiver(CLOSED)
  }

  /** Closes, and takes out what nobody will receive: it is lost. */
  cancel(): void {
    this.close()
    this.#lose()
  }

  #ended(by: Incarnation, how: Ending): void {
    this.#giveBack('stale', ({ from }) => from === by)
    if (by !== this.#receiver) return
    this.#receiver = undefined
    this.#answerReceiver(CLOSED)
    if (how === 'returned') this.#finish()
    else this.#dropInHand()
    if (this.#options.onDeath === 'fail') {
      this.#giveBack('failed', () => true)
      this.#lose()
    }
  }

  /** To wait for a message is no wait that holds anybody up, unless it keeps a service from ending. */
  #enterIdle(by: Incarnation): void {
    if (by !== this.#receiver || !this.#waiting) return
    const what = { kind: 'named', name: 'a message, although it is told to stop' } as const
    this.#waiting.wait = this.#options.waits?.begin(by.party, what)
  }

  #hasRoom(): boolean {
    return this.size < this.#capacity
  }

  #park(message: M, from: Incarnation): Promise<Answer<M>> {
    from.hold(this.#held)
    const wait = this.#options.waits?.begin(from.party, {
      kind: 'named',
      name: `mailbox of ${this.name}`,
      holder: () => this.#receiver?.party,
    })
    return new Promise((answer) => this.#parked.push({ message, from, answer, wait }))
  }

  #unpark(): void {
    while (this.#parked.length > 0 && this.#hasRoom()) {
      const { message, answer, wait } = this.#parked.shift()!.item
      this.#admit(message)
      wait?.[Symbol.dispose]()
      answer(OK)
    }
  }

  #admit(message: M): void {
    this.#messages.push(message)
    if (this.#waiting) this.#answerReceiver(this.#take())
  }

  #take(): Received<M> {
    const message = this.#messages.shift()!.item
    this.#inHand = { message }
    return { state: 'ok', value: message }
  }

  #answerReceiver(received: Received<M>): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.wait?.[Symbol.dispose]()
    waiting?.answer(received)
  }

  /** The message in hand is done. */
  #finish(): void {
    const done = this.#inHand
    this.#inHand = undefined
    if (done) this.#options.done?.(done.message)
  }

  #dropInHand(): void {
    const dropped = this.#inHand
    this.#inHand = undefined
    if (dropped) this.#options.lost({ message: dropped.message, why: 'in-hand' })
  }

  #lose(): void {
    for (const message of this.#messages.takeAll()) this.#options.lost({ message, why: 'unread' })
  }

  /** Takes out those that wait and fit; the others keep their order. */
  #giveBack(state: 'closed' | 'failed' | 'stale', fits: (parked: Parked<M>) => boolean): void {
    for (const parked of this.#parked.takeAll()) {
      if (fits(parked)) {
        parked.wait?.[Symbol.dispose]()
        parked.answer({ state, message: parked.message })
      } else this.#parked.push(parked)
    }
  }
}
