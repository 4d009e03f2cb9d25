import { Channel, liveClock } from '@switchyard/core'
import { Effect, Fiber, Queue } from 'effect'
import * as nact from 'nact'
import { createActor, fromTransition } from 'xstate'
import { Incarnation, Mailbox } from '../src/index.ts'

/** One way to get messages across. Takes that many from one end to the other; settles when the last one was received. */
export interface Contestant {
  readonly name: string
  readonly run: (messages: number) => Promise<void>
}

/** Capacity 1: each message is received before the next one gets in. */
export const CAPACITY_ONE: readonly Contestant[] = [
  { name: 'Mailbox, capacity 1', run: (messages) => mailbox(messages, 1, 1) },
  { name: "core's Channel, capacity 1", run: channel },
  { name: "Effect's Queue.bounded(1)", run: (messages) => effect(messages, Queue.bounded<number>(1)) },
]

/** Messages that a sender has out before it waits for them to be received. */
const BURST = 1_000

/** No bound: bursts of messages, each received before the next burst. */
export const UNBOUNDED: readonly Contestant[] = [
  { name: 'Mailbox, no bound', run: (messages) => mailbox(messages, Infinity, BURST) },
  { name: "nact's actor", run: nactActor },
  { name: "xstate's actor", run: xstateActor },
]

/** A service that takes every message and tells when a burst is over. */
async function mailbox(messages: number, capacity: number, burst: number): Promise<void> {
  const box = new Mailbox<number>({ name: 'b', capacity, onDeath: 'transfer', lost: neverLost })
  const [sender, receiver] = [new Incarnation('a'), new Incarnation('b')]
  box.attach(receiver)
  const bursts = new Bursts()
  const receiving = (async () => {
    for (;;) {
      const received = await box.receive(receiver)
      if (received.state === 'closed') return
      bursts.received(received.value, burst)
    }
  })()
  if (burst === 1) {
    for (let message = 1; message <= messages; message++) await box.send(message, sender)
  } else {
    for (let first = 1; first <= messages; first += burst) {
      for (let message = first; message < first + burst; message++) void box.send(message, sender)
      await bursts.over()
    }
  }
  box.close()
  await receiving
}

async function channel(messages: number): Promise<void> {
  const values = new Channel<number>({ capacity: 1 })
  const receiving = (async () => {
    while ((await values.receive()).state === 'ok');
  })()
  for (let message = 1; message <= messages; message++) await values.send(message)
  values.close()
  await receiving
}

async function effect(messages: number, make: Effect.Effect<Queue.Queue<number>>): Promise<void> {
  await Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* make
      const receiving = yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let count = 0; count < messages; count++) yield* Queue.take(queue)
        }),
      )
      for (let message = 1; message <= messages; message++) yield* Queue.offer(queue, message)
      yield* Fiber.join(receiving)
    }),
  )
}

async function nactActor(messages: number): Promise<void> {
  const system = nact.start()
  const bursts = new Bursts()
  const actor = nact.spawn(system, (count: number | undefined, message: number) => {
    bursts.received(message, BURST)
    return (count ?? 0) + 1
  })
  for (let first = 1; first <= messages; first += BURST) {
    for (let message = first; message < first + BURST; message++) nact.dispatch(actor, message)
    await bursts.over()
  }
  nact.stop(system)
}

/** `fromTransition`, the leanest of xstate's actors: it takes a message while it is sent. */
async function xstateActor(messages: number): Promise<void> {
  const bursts = new Bursts()
  const actor = createActor(
    fromTransition((count: number, event: { readonly type: 'message'; readonly message: number }) => {
      bursts.received(event.message, BURST)
      return count + 1
    }, 0),
  )
  actor.start()
  for (let first = 1; first <= messages; first += BURST) {
    for (let message = first; message < first + BURST; message++) actor.send({ type: 'message', message })
    await bursts.over()
  }
  actor.stop()
}

/** Tells the sender when a whole burst was received. */
class Bursts {
  #received = 0
  #tell: (() => void) | undefined

  received(message: number, burst: number): void {
    if (message % burst > 0) return
    this.#received++
    this.#tell?.()
  }

  async over(): Promise<void> {
    if (this.#received === 0) {
      await new Promise<void>((tell) => {
        this.#tell = tell
      })
    }
    this.#tell = undefined
    this.#received--
  }
}

function neverLost(): void {
  throw new Error(`a message is lost at ${liveClock.now()}`)
}
