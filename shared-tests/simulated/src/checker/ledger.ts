import { limitsOf } from '@switchyard/core'
import type { ClientId, Limits, Protocol } from '@switchyard/core'
import type { Event, World } from '@switchyard/sim'
import type { Account, Accounts, Delivery } from './model.ts'
import { observed } from './observed.ts'
import type { Observer } from './observed.ts'

/** An account, for whoever keeps it. */
export type OpenAccount = {
  -readonly [Part in Exclude<keyof Account, 'index' | 'sentTo' | 'owed'>]: Account[Part]
} & { readonly index: number; readonly sentTo: number[]; readonly owed: Delivery[] }

/**
 * What can be known of every run, whatever the protocol: I/O from the simulation's events, and from the protocol, which it
 * observes, the order in which the server took its steps. What is owed to whom, a subclass knows.
 */
export abstract class Ledger<Say> implements Accounts, Observer {
  abstract readonly openingBytes: number
  readonly accounts: readonly OpenAccount[]
  readonly limits: Limits
  dropped = 0
  protected steps = 0
  /** The latest call of the protocol was of a step that is due, or of a last one of a shutdown, and nothing has happened since. */
  #due = false
  #shutDown = false
  readonly #joined = new Set<ClientId>()
  readonly #byId = new Map<ClientId, OpenAccount>()

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
      cutOff: undefined,
      closed: false,
      sentTo: world.clients.map(() => 0),
      dropped: 0,
      owed: [],
    }))
  }

  abstract isInMessage(account: Account): boolean

  account(client: number): OpenAccount {
    return this.accounts[client]!
  }

  /** `protocol`, with this ledger told of each step before it is taken. */
  watch(protocol: Protocol): Protocol {
    return observed(protocol, this)
  }

  protected byId(id: ClientId | undefined): OpenAccount | undefined {
    return id === undefined ? undefined : this.#byId.get(id)
  }

  /** The server was told to shut down. */
  shutDown(): void {
    this.#shutDown = true
  }

  /** An event of the simulation is over. */
  happened(): void {
    this.#due = false
  }

  // What the simulation says ---------------------------------------------------------------------------------------------

  /** `refused`: closed at once, without an id. Ids count upwards (R2.1). */
  connect(client: number, refused: boolean): void {
    if (refused) return
    const account = this.account(client)
    account.id = this.#byId.size + 1
    this.#byId.set(account.id, account)
    if (this.#joined.has(account.id)) account.state = 'joined'
  }

  move({ client, move, bytes }: Extract<Event<Say>, { kind: 'move' }>): void {
    const account = this.account(client)
    switch (move.kind) {
      case 'say':
        account.sent += bytes
        break
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

  deliver({ client, what, bytes }: Extract<Event<Say>, { kind: 'deliver' }>): void {
    const account = this.account(client)
    account.delivered += bytes
    if (what === 'fin') account.fin = 'delivered'
  }

  // What the protocol says -----------------------------------------------------------------------------------------------

  joined(id: ClientId): void {
    this.#step(false)
    this.#joined.add(id)
    const account = this.#byId.get(id)
    if (account) account.state = 'joined'
  }

  processed(id: ClientId, { length }: Uint8Array): void {
    this.#step(false)
    const account = this.#byId.get(id)
    if (account) account.processed += length
  }

  stepped(): void {
    this.#step(true)
  }

  left(id: ClientId): void {
    this.#step(this.#shutDown)
    this.#joined.delete(id)
    const account = this.#byId.get(id)
    if (account) account.state = 'left'
  }

  /**
   * What is due at one time a pattern takes as one step, however many calls of the protocol that is (`Connections.due`). And so it may
   * take the last steps of those who are left when it is told to shut down (`Connections.all`): nobody is read any more who could tell.
   */
  #step(due: boolean): void {
    if (!(due && this.#due)) this.steps++
    this.#due = due
  }
}
