import { WaitForGraph } from '@switchyard/core'
import type { Incarnation, Lost, Mailbox, MailboxOptions } from '../../src/index.ts'
import { Scheduler } from '@switchyard/sim'
import type { SimClock } from '@switchyard/sim'
import type { Library } from '../library.ts'

/** One thing that the library does. `run` throws if it does not. */
export interface Case {
  readonly id: string
  readonly says: string
  readonly run: (library: Library) => Promise<void> | void
}

/** A time that moves when it is told to, and everything that follows from that. */
export class Stage {
  readonly #scheduler = new Scheduler()
  readonly clock: SimClock = this.#scheduler.clock
  readonly waits: WaitForGraph = new WaitForGraph(() => this.clock.now())

  /** Settles when nothing is left to happen but that time passes. */
  async rest(): Promise<void> {
    await this.#scheduler.run(
      () => [],
      () => 0,
    )
  }

  /** Lets `ms` pass, timers included. */
  async pass(ms: number): Promise<void> {
    await this.rest()
    const until = this.clock.now() + ms
    while (await this.#scheduler.passTime(until)) await this.rest()
    await this.rest()
  }
}

/** What a promise has come to so far. */
export function watch<T>(promise: Promise<T>): { settled: T | undefined } {
  const seen: { settled: T | undefined } = { settled: undefined }
  void promise.then((value) => {
    seen.settled = value
  })
  return seen
}

/** A mailbox with a receiver and a sender, and all that it reports. */
export interface Post {
  readonly mailbox: Mailbox<number>
  readonly receiver: Incarnation
  readonly sender: Incarnation
  readonly lost: Lost<number>[]
  readonly done: number[]
  readonly stage: Stage
}

export function post(library: Library, options: Partial<MailboxOptions<number>> = {}): Post {
  const stage = new Stage()
  const lost: Lost<number>[] = []
  const done: number[] = []
  const mailbox = new library.Mailbox<number>({
    name: 'b',
    capacity: 1,
    onDeath: 'transfer',
    lost: (report) => lost.push(report),
    done: (message) => done.push(message),
    waits: stage.waits,
    ...options,
  })
  const receiver = new library.Incarnation('b')
  mailbox.attach(receiver)
  return { mailbox, receiver, sender: new library.Incarnation('a'), lost, done, stage }
}
