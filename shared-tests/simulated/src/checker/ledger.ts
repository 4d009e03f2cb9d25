import { limitsOf } from '@switchyard/core'
import type { ClientId, Limits, Protocol } from '@switchyard/core'
import type { Event, World } from '@switchyard/sim'
import { ID_BYTES } from '@switchyard/protocols/router/suite'
import type { RouterSay } from '../router/speech.ts'
import { watched } from './watched.ts'

/** A message as its sender sent it, and what the rules make of it. */
export interface Message {
  readonly from: number
  readonly to: number
  /** Among all that its sender sent, from 0. */
  readonly number: number
  /** Among those to the same destination, from 0. */
  readonly place: number
  /** Body and NUL: what its destination is to read (R1.4). */
  readonly bytes: Uint8Array
  /** Where it begins in its sender's stream, and where it ends: behind its NUL, or never. */
  readonly start: number
  readonly end: number
  /** `decided`: the protocol had all of it while its destination was connected; `dropped`: when it was not (R3.7). */
  fate: 'open' | 'decided' | 'dropped'
  /** The number of the step that decided it. */
  step: number
}

/** What one client has sent and what is owed to it. Offsets count bytes from the beginning of its stream. */
export interface Account {
  readonly index: number
  id: ClientId | undefined
  /** `joined` with the protocol's first step for it, `left` with the last one (R3.7, R4.1). */
  state: 'new' | 'joined' | 'left'
  /** Taken by its own kernel; read by the server's side; seen by the protocol. */
  sent: number
  delivered: number
  processed: number
  fin: 'no' | 'sent' | 'delivered'
  reset: boolean
  /** It has sent more of one message than messageBytesMax allows, and the protocol has seen it (R5.1). */
  tooLong: boolean
  readonly messages: Message[]
  /** The same, by destination. */
  readonly sentTo: readonly Message[][]
  /** How many of its messages have a fate. */
  settled: number
  /** What was decided for it, in the order of the decisions. */
  readonly owed: Message[]
}

/**
 * The model: what the rules make of a run. It hears of I/O from the simulation's events, and from the protocol, which it
 * watches, of the order in which the server took its steps: which message was complete, and who was connected then.
 */
export class Ledger {
  readonly accounts: readonly Account[]
  readonly limits: Limits
  /** How many messages the protocol had no destination for. */
  dropped = 0
  #steps = 0
  readonly #joined = new Set<ClientId>()
  readonly #byId = new Map<ClientId, Account>()

  constructor(world: World) {
    this.limits = limitsOf(world.limits)
    this.accounts = world.clients.map((_, index) => ({
      index,
      id: undefined,
      state: 'new',
      sent: 0,
      delivered: 0,
      processed: 0,
      fin: 'no',
      reset: false,
      tooLong: false,
      messages: [],
      sentTo: world.clients.map(() => []),
      settled: 0,
      owed: [],
    }))
  }

  account(client: number): Account {
    return this.accounts[client]!
  }

  /** `protocol`, with this ledger told of each step before it is taken. */
  watch(protocol: Protocol): Protocol {
    return watched(protocol, {
      joined: (id) => {
        this.#joined.add(id)
        const account = this.#byId.get(id)
        if (account) account.state = 'joined'
      },
      processed: (id, bytes) => {
        const account = this.#byId.get(id)
        if (account) this.#process(account, bytes)
      },
      left: (id) => {
        const account = this.#byId.get(id)
        if (account) account.state = 'left'
      },
    })
  }

  /** How many connections the server has taken in; core numbers them in this order (R2.1). */
  get accepted(): number {
    return this.#byId.size
  }

  /** `refused`: closed at once, without an id. */
  connect(client: number, refused: boolean): void {
    if (refused) return
    const account = this.account(client)
    account.id = this.#byId.size + 1
    this.#byId.set(account.id, account)
    if (this.#joined.has(account.id)) account.state = 'joined'
  }

  move({ client, move, bytes }: Extract<Event<RouterSay>, { kind: 'move' }>): void {
    const account = this.account(client)
    switch (move.kind) {
      case 'say': {
        const last = account.messages.at(-1)
        // A message that the kernel has taken in part goes on; a new one begins where the last one ended.
        if (!last || account.sent >= last.end) this.#begin(account, move.say)
        account.sent += bytes
        break
      }
      case 'fin':
        account.fin = 'sent'
        break
      case 'reset':
        account.reset = true
        break
      case 'stall':
      case 'resume':
        break
    }
  }

  deliver({ client, what, bytes }: Event & { readonly kind: 'deliver' }): void {
    const account = this.account(client)
    account.delivered += bytes
    if (what === 'fin') account.fin = 'delivered'
  }

  #begin(account: Account, { kind, to, body }: RouterSay): void {
    const bytes = new Uint8Array(body.length + 1)
    bytes.set(body)
    const start = account.sent
    const end = kind === 'send' ? start + ID_BYTES + bytes.length : Number.POSITIVE_INFINITY
    const number = account.messages.length
    const alike = account.sentTo[to]!
    const place = alike.length
    const message: Message = { from: account.index, to, number, place, bytes, start, end, fate: 'open', step: 0 }
    account.messages.push(message)
    alike.push(message)
  }

  /** One step: settles the fate of every message whose NUL it brings. */
  #process(account: Account, bytes: number): void {
    this.#steps++
    account.processed += bytes
    for (;;) {
      const message = account.messages[account.settled]
      if (!message || account.tooLong) return
      const complete = account.processed >= message.end
      const length = Math.min(account.processed, message.end) - message.start - ID_BYTES
      account.tooLong = complete ? length > this.limits.messageBytesMax : length >= this.limits.messageBytesMax
      if (account.tooLong || !complete) return
      account.settled++
      this.#decide(message)
    }
  }

  #decide(message: Message): void {
    const destination = this.account(message.to)
    message.step = this.#steps
    if (destination.state === 'joined') {
      message.fate = 'decided'
      destination.owed.push(message)
    } else {
      message.fate = 'dropped'
      this.dropped++
    }
  }
}
