import type { Received } from '@switchyard/core'
import { Incarnation } from './incarnation.ts'
import type { Answer, Mailbox } from './mailbox.ts'
import type { Restart } from './strategy.ts'

/** What a service runs, once it is started. It has ended when this settles; a rejection is a failure. */
export type Run = () => Promise<void>

/** How a child ended. A supervisor that gave up has ended in good order, as in OTP: it did not fail. */
export type End = { readonly how: 'returned' | 'gave-up' } | { readonly how: 'failed'; readonly error: unknown }

/** `retire`: another incarnation comes, and what is in the mailbox is for it. `stop`: none comes. */
export type Farewell = 'retire' | 'stop'

/** One incarnation of a child, as its supervisor sees it. */
export interface Running {
  readonly number: number
  /** True when it is ready; false if it ended before. */
  readonly started: Promise<boolean>
  readonly ended: Promise<End>
  /** Asks it to end. */
  tell(farewell: Farewell): void
  /** Waits no longer: it is over, whatever it still does. */
  abandon(): void
}

/** A service or a supervisor, under a supervisor. */
export interface Child {
  readonly name: string
  readonly restart: Restart
  /** How long it may take to end when it is told to, ms. Then it is abandoned. */
  readonly stopMs: number
  begin(): Running
  /** No incarnation will come: whatever waits for one is told. */
  cancel(): void
}

export interface ServiceOptions<M> {
  /** Unique under its supervisor. */
  readonly name: string
  /** The service's own. It is closed when the service is over for good, and open again should it be started once more. */
  readonly mailbox: Mailbox<M>
  /** Gets ready; the next child is started when this has settled. Called for each incarnation, so that each has its own state. */
  readonly start: (self: Self<M>) => Run | Promise<Run>
  /** Default `permanent`. */
  readonly restart?: Restart
  /** Default 5,000 ms; Infinity waits for ever. */
  readonly stopMs?: number
}

const STOP_MS = 5_000

/** What a service has of the world: its mailbox, and its name on what it sends. */
export class Self<M> {
  readonly incarnation: Incarnation
  readonly #mailbox: Mailbox<M>

  constructor(incarnation: Incarnation, mailbox: Mailbox<M>) {
    this.incarnation = incarnation
    this.#mailbox = mailbox
  }

  /** The next message; the one before is done. See `Mailbox.receive`. */
  receive(): Promise<Received<M>> {
    return this.#mailbox.receive(this.incarnation)
  }

  /** Every message, until there is none to come. */
  async *messages(): AsyncGenerator<M, void, void> {
    for (;;) {
      const received = await this.receive()
      if (received.state === 'closed') return
      yield received.value
    }
  }

  /** See `Mailbox.send`. */
  send<To>(to: Mailbox<To>, message: NoInfer<To>): Promise<Answer<To>> {
    return to.send(message, this.incarnation)
  }
}

/** A service as a child of a supervisor. Throws RangeError if `stopMs` is below 0. */
export function service<M>(options: ServiceOptions<M>): Child {
  const { name, mailbox, start, restart = 'permanent', stopMs = STOP_MS } = options
  atLeastZero('stopMs', stopMs)
  let lives = 0
  return { name, restart, stopMs, begin, cancel: () => mailbox.cancel() }

  function begin(): Running {
    const incarnation = new Incarnation(name, ++lives)
    mailbox.attach(incarnation)
    const starting = (async () => start(new Self(incarnation, mailbox)))()
    return {
      number: incarnation.number,
      started: starting.then(
        () => true,
        () => false,
      ),
      ended: endOf(incarnation, starting),
      tell(farewell) {
        if (farewell === 'retire') return incarnation.retire()
        mailbox.close()
        incarnation.stop()
      },
      abandon: () => incarnation.end('abandoned'),
    }
  }
}

/** Throws RangeError for a limit that is none. */
export function atLeastZero(name: string, value: number): void {
  if (!(value >= 0)) throw new RangeError(`${name} is ${value}: it must be at least 0`)
}

async function endOf(incarnation: Incarnation, starting: Promise<Run>): Promise<End> {
  try {
    const run = await starting
    await run()
    incarnation.end('returned')
    return { how: 'returned' }
  } catch (error) {
    incarnation.end('failed')
    return { how: 'failed', error }
  }
}
