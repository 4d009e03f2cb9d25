import { LinkedQueue } from './linked-queue.ts'
import type { Party, WaitForGraph } from './wait-for-graph.ts'

export type Sent<T> = { readonly state: 'ok' } | { readonly state: 'closed'; readonly value: T }
export type TrySent<T> = Sent<T> | { readonly state: 'full'; readonly value: T }
export type Received<T> = { readonly state: 'ok'; readonly value: T } | { readonly state: 'closed' }
export type TryReceived<T> = Received<T> | { readonly state: 'empty' }
export type AllReceived<T> = { readonly state: 'ok'; readonly values: readonly T[] } | { readonly state: 'closed' }

export interface ChannelOptions<T> {
  /** What all values in the channel may weigh together. One that is heavier than this goes in when it is alone. */
  readonly capacity: number
  /** Default: each value weighs 1. At least 0, and the same each time it is asked of a value. */
  readonly weigh?: (value: T) => number
  /**
   * What may stand in the place of two values that follow each other, and weighs as much as both; undefined if they stay two.
   * Asked from the 33rd value on: a queue of many small ones holds far more memory than their weights say.
   */
  readonly merge?: (last: T, next: T) => T | undefined
  /** Hears of every change of `weight`. Weights are bytes then, and each value beyond the 32nd weighs 256 more. */
  readonly account?: (delta: number) => void
  /** Where senders that wait for room are entered, under this name. */
  readonly visible?: { readonly waits: WaitForGraph; readonly name: string; readonly receiver: Party }
}

/** So many values are not worth a copy, and what their objects take is little beside a connection. */
const FEW = 32
/**
 * What a value beyond those takes beside what it weighs: a link, an object, and an array that has more of its own than its bytes
 * (measured: an event with a chunk of 20 bytes takes 312 bytes of heap and weighs 84 by itself; with one of 68 bytes, which V8 keeps
 * outside of its heap, about 660). Without it, a channel of small values holds four times its capacity.
 */
const VALUE_BYTES = 256

const OK = { state: 'ok' } as const
/** One promise for all values that go in at once. */
const SENT: Promise<typeof OK> = Promise.resolve(OK)
const EMPTY = { state: 'empty' } as const
const CLOSED = { state: 'closed' } as const

/**
 * A bounded queue between many senders and one receiver. When it is full, senders wait, first come first served. What the
 * receiver took last still counts: its room is given back when the receiver comes back for more, because until then the
 * value is still in memory and being worked on. Either end may close it; a value that did not get in comes back.
 */
export class Channel<T> {
  readonly #capacity: number
  readonly #weigh: (value: T) => number
  readonly #merge: ChannelOptions<T>['merge']
  readonly #account: ((delta: number) => void) | undefined
  readonly #visible: ChannelOptions<T>['visible']
  readonly #senders = new LinkedQueue<WaitingSender<T>>()
  readonly #values = new LinkedQueue<T>()
  #receiver: (() => void) | undefined
  #closed = false
  /** The weight of everything queued, and of what the receiver took last. */
  #weight = 0
  #takenWeight = 0

  /** Throws RangeError if `capacity` is not above 0. */
  constructor(options: ChannelOptions<T>) {
    if (!(options.capacity > 0)) throw new RangeError(`capacity is ${options.capacity}: it must be above 0`)
    this.#capacity = options.capacity
    this.#weigh = options.weigh ?? (() => 1)
    this.#merge = options.merge
    this.#account = options.account
    this.#visible = options.visible
  }

  get weight(): number {
    return this.#weight
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Puts `value` in if there is room now and nobody waits in front. */
  trySend(value: T): TrySent<T> {
    if (this.#closed) return { state: 'closed', value }
    if (this.#senders.length > 0 || !this.#fits(this.#weigh(value))) return { state: 'full', value }
    this.#admit(value)
    return OK
  }

  /** Puts `value` in when its turn comes. Settles when it is in, or when the channel closes before that. */
  send(value: T, who?: Party): Promise<Sent<T>> {
    const sent = this.trySend(value)
    if (sent.state === 'full') return this.#waitForRoom(value, who)
    return sent.state === 'ok' ? SENT : Promise.resolve(sent)
  }

  async #waitForRoom(value: T, who: Party | undefined): Promise<Sent<T>> {
    const visible = this.#visible
    using _ = visible && who && visible.waits.begin(who, { kind: 'channel', ...visible })
    return await new Promise<Sent<T>>((settle) => this.#senders.push({ value, settle }))
  }

  /** Takes the first value; waits for one. `closed` when the channel is closed and empty. One receiver at a time. */
  async receive(): Promise<Received<T>> {
    for (;;) {
      const taken = this.tryReceive()
      if (taken.state !== 'empty') return taken
      await this.#arrival()
    }
  }

  /** Takes the first value if there is one. */
  tryReceive(): TryReceived<T> {
    this.#giveBack()
    const ownBytes = this.#ownBytes(this.#values.length)
    const first = this.#values.shift()
    if (!first) return this.#closed ? CLOSED : EMPTY
    this.#takenWeight = this.#weigh(first.item) + ownBytes
    return { state: 'ok', value: first.item }
  }

  /**
   * Takes everything that is there, in order; waits until that is at least one value. No asynchronous function: its frame would
   * be held for each idle client.
   */
  receiveAll(): Promise<AllReceived<T>> {
    const taken = this.#takeAll()
    return taken ? Promise.resolve(taken) : this.#arrival().then(() => this.#takeAll() ?? this.receiveAll())
  }

  #takeAll(): AllReceived<T> | undefined {
    this.#giveBack()
    if (this.#values.length === 0) return this.#closed ? CLOSED : undefined
    this.#takenWeight = this.#weight
    return { state: 'ok', values: this.#values.takeAll() }
  }

  /** The senders' end: nothing more goes in; who waits gets its value back; what is in can still be received. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const { value, settle } of this.#senders.takeAll()) settle({ state: 'closed', value })
    this.#wakeReceiver()
  }

  /** The receiver's end: closes, and takes out what nobody will receive. */
  cancel(): readonly T[] {
    this.close()
    const values = this.#values.takeAll()
    this.#takenWeight = this.#weight
    this.#giveBack()
    return values
  }

  #fits(weight: number): boolean {
    return this.#weight === 0 || this.#weight + weight + this.#ownBytes(this.#values.length + 1) <= this.#capacity
  }

  /** What the last of so many values weighs beside itself. */
  #ownBytes(values: number): number {
    return this.#account && values > FEW ? VALUE_BYTES : 0
  }

  #admit(value: T): void {
    const { last, length } = this.#values
    const merged = length < FEW || last === undefined ? undefined : this.#merge?.(last, value)
    if (merged === undefined) this.#values.push(value)
    else this.#values.replaceLast(merged)
    this.#change(this.#weigh(value) + (merged === undefined ? this.#ownBytes(this.#values.length) : 0))
    this.#wakeReceiver()
  }

  #giveBack(): void {
    if (this.#takenWeight === 0) return
    this.#change(-this.#takenWeight)
    this.#takenWeight = 0
    for (;;) {
      const { first } = this.#senders
      if (!first || !this.#fits(this.#weigh(first.value))) return
      this.#senders.shift()
      this.#admit(first.value)
      first.settle(OK)
    }
  }

  #change(delta: number): void {
    this.#weight += delta
    this.#account?.(delta)
  }

  #wakeReceiver(): void {
    const wake = this.#receiver
    this.#receiver = undefined
    wake?.()
  }

  #arrival(): Promise<void> {
    return new Promise((wake) => {
      if (this.#receiver) throw new Error('a channel has one receiver at a time')
      this.#receiver = wake
    })
  }
}

interface WaitingSender<T> {
  readonly value: T
  readonly settle: (sent: Sent<T>) => void
}
