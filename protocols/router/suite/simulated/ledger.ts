import { ID_BYTES } from '../client/message.ts'
import type { ClientId } from '@switchyard/core'
import type { Event, World } from '@switchyard/sim'
import { Ledger } from '@switchyard/simulated'
import type { Account, Delivery, OpenAccount } from '@switchyard/simulated'
import type { RouterSay } from './speech.ts'

/** A message as its sender sent it, and what the rules make of it. Its bytes are body and NUL (R1.4). */
export interface Message extends Delivery {
  readonly from: number
  /** Among those of its sender to the same destination, from 0. */
  readonly place: number
  /** Where it begins in its sender's stream, and where it ends: behind its NUL, or never. */
  readonly start: number
  readonly end: number
  /** `decided`: the protocol had all of it while its destination was connected; `dropped`: when it was not (R3.7). */
  fate: 'open' | 'decided' | 'dropped'
  step: number
}

/** The router's rules: whatever a client sent whole is decided by the step that sees its end, and owed to its destination. */
export class RouterLedger extends Ledger<RouterSay> {
  readonly openingBytes: number = ID_BYTES
  readonly #messages: readonly Message[][]
  /** By sender and destination. */
  readonly #messagesTo: readonly (readonly Message[][])[]
  readonly #owed: readonly Message[][]
  /** How many messages of each client have a fate. */
  readonly #settled: number[]

  constructor(world: World) {
    super(world)
    this.#messages = world.clients.map(() => [])
    this.#messagesTo = world.clients.map(() => world.clients.map(() => []))
    this.#owed = world.clients.map(() => [])
    this.#settled = world.clients.map(() => 0)
  }

  /** In the order in which the client sent them. */
  messagesOf(client: number): readonly Message[] {
    return this.#messages[client]!
  }

  messagesTo(from: number, to: number): readonly Message[] {
    return this.#messagesTo[from]![to]!
  }

  /** What is owed to a client, as the messages that it consists of. */
  owedTo(client: number): readonly Message[] {
    return this.#owed[client]!
  }

  isInMessage({ index, processed }: Account): boolean {
    const next = this.#messages[index]![this.#settled[index]!]
    return next !== undefined && processed > next.start
  }

  override move(event: Extract<Event<RouterSay>, { kind: 'move' }>): void {
    if (event.move.kind === 'say') {
      const account = this.account(event.client)
      const last = this.messagesOf(event.client).at(-1)
      // A message that the kernel has taken in part goes on; a new one begins where the last one ended.
      if (!last || account.sent >= last.end) this.#begin(account, event.move.say)
    }
    super.move(event)
  }

  /** Settles the fate of every message whose NUL the step brings. */
  override processed(id: ClientId, chunk: Uint8Array): void {
    super.processed(id, chunk)
    const account = this.byId(id)
    if (!account) return
    for (;;) {
      const message = this.#messages[account.index]![this.#settled[account.index]!]
      if (!message || account.cutOff) return
      const complete = account.processed >= message.end
      const length = Math.min(account.processed, message.end) - message.start - ID_BYTES
      const { messageBytesMax } = this.limits
      const tooLong = complete ? length > messageBytesMax : length >= messageBytesMax
      if (tooLong) account.cutOff = 'message-too-long'
      if (tooLong || !complete) return
      this.#settled[account.index]!++
      this.#decide(account, message)
    }
  }

  #begin(account: OpenAccount, { kind, to, body }: RouterSay): void {
    const bytes = new Uint8Array(body.length + 1)
    bytes.set(body)
    const start = account.sent
    const end = kind === 'send' ? start + ID_BYTES + bytes.length : Number.POSITIVE_INFINITY
    const messages = this.#messages[account.index]!
    const number = messages.length
    const place = account.sentTo[to]!++
    const message: Message = {
      from: account.index,
      to,
      number,
      place,
      bytes,
      messages: 1,
      start,
      end,
      fate: 'open',
      step: 0,
    }
    messages.push(message)
    this.#messagesTo[account.index]![to]!.push(message)
  }

  #decide(sender: OpenAccount, message: Message): void {
    const destination = this.account(message.to)
    message.step = this.steps
    if (destination.state === 'joined') {
      message.fate = 'decided'
      destination.owed.push(message)
      this.#owed[message.to]!.push(message)
    } else {
      message.fate = 'dropped'
      sender.dropped++
      this.dropped++
    }
  }
}
