import { dump } from '@switchyard/conformance/portable'
import type { AbortReason, ClientId, Protocol } from '@switchyard/core'
import type { Event, Violation, World } from '@switchyard/sim'
import { Ledger } from './ledger.ts'
import type { OpenAccount } from './ledger.ts'
import type { Account } from './model.ts'
import { isAlike } from './stream.ts'

/** What was sent in one step to one client. */
interface Sent {
  readonly messages: number
  readonly cause: ClientId | undefined
  readonly bytes: Uint8Array
  readonly step: number
}

/** Knows no protocol: whatever was sent to a client that is connected is owed to it, as it was sent. */
export class OutboxLedger extends Ledger<unknown> {
  readonly openingBytes: number = 0
  /** To clients of whose connection the simulation has not spoken yet. */
  readonly #early = new Map<ClientId, Sent[]>()
  /** Ends of such clients: the reason, or undefined for one in order. */
  readonly #earlyEnds = new Map<ClientId, AbortReason | undefined>()
  /** Whoever can be sent to. */
  readonly #open = new Set<ClientId>()
  /** How many deliveries each client has caused. */
  readonly #caused = new Map<number | undefined, number>()
  #protocol: Protocol | undefined
  /** Whose input the protocol is looking at. */
  #cause: ClientId | undefined
  /** What each client has sent and the protocol has not been given. */
  readonly #unheard: Uint8Array[][]
  #misheard: Violation | undefined

  constructor(world: World) {
    super(world)
    this.#unheard = world.clients.map(() => [])
  }

  override watch(protocol: Protocol): Protocol {
    this.#protocol = protocol
    return super.watch(protocol)
  }

  isInMessage(account: Account): boolean {
    return this.heldBytes(account) > 0
  }

  /** What the protocol holds of a client's unfinished message. */
  heldBytes({ id }: Account): number {
    return id === undefined ? 0 : (this.#protocol?.heldBytes(id) ?? 0)
  }

  /** The protocol was given something else than what a client has sent. */
  get misheard(): Violation | undefined {
    return this.#misheard
  }

  override move(event: Extract<Event, { kind: 'move' }>): void {
    super.move(event)
    if (event.bytes > 0) this.#unheard[event.client]!.push(event.sent)
  }

  override connect(client: number, refused: boolean): void {
    super.connect(client, refused)
    const account = this.account(client)
    if (account.id === undefined) return
    for (const sent of this.#early.get(account.id) ?? []) this.#owe(account, sent)
    this.#early.delete(account.id)
    if (this.#earlyEnds.has(account.id)) this.#end(account.id, this.#earlyEnds.get(account.id))
  }

  override joined(id: ClientId): void {
    super.joined(id)
    this.#open.add(id)
    this.#cause = undefined
  }

  override processed(id: ClientId, chunk: Uint8Array): void {
    super.processed(id, chunk)
    this.#cause = id
    const account = this.byId(id)
    if (account) this.#hear(account, chunk)
  }

  override stepped(): void {
    super.stepped()
    this.#cause = undefined
  }

  override left(id: ClientId): void {
    super.left(id)
    this.#open.delete(id)
    this.#cause = undefined
  }

  sent(to: ClientId, bytes: Uint8Array, messages: number, refused: boolean): void {
    const cause = this.byId(this.#cause)
    if (!this.#open.has(to)) {
      if (cause) cause.dropped += messages
      this.dropped += messages
      return
    }
    if (refused || bytes.length === 0) return
    const sent: Sent = { cause: this.#cause, messages, bytes: bytes.slice(), step: this.steps }
    const account = this.byId(to)
    if (account) return this.#owe(account, sent)
    const early = this.#early.get(to)
    if (early) early.push(sent)
    else this.#early.set(to, [sent])
  }

  closed(id: ClientId): void {
    this.#end(id, undefined)
  }

  aborted(id: ClientId, reason: AbortReason): void {
    this.#end(id, reason)
  }

  #end(id: ClientId, reason: AbortReason | undefined): void {
    this.#open.delete(id)
    const account = this.byId(id)
    if (!account) this.#earlyEnds.set(id, reason)
    else if (reason === undefined) account.closed = true
    else account.cutOff ??= reason
  }

  #hear({ index }: Account, chunk: Uint8Array): void {
    const unheard = this.#unheard[index]!
    for (let rest = chunk; rest.length > 0;) {
      const sent = unheard.shift()
      const count = Math.min(sent?.length ?? 0, rest.length)
      if (!sent || !isAlike(sent, 0, rest, count)) {
        const message = `the protocol was given ${dump(rest)} of client ${index}, which sent ${dump(sent ?? rest.subarray(0, 0))}`
        this.#misheard ??= { clause: 'delivery', message }
        return
      }
      if (count < sent.length) unheard.unshift(sent.subarray(count))
      rest = rest.subarray(count)
    }
  }

  #owe(to: OpenAccount, { cause, ...sent }: Sent): void {
    const causing = this.byId(cause)
    const from = causing?.index
    const number = this.#caused.get(from) ?? 0
    this.#caused.set(from, number + 1)
    if (causing) causing.sentTo[to.index]!++
    to.owed.push({ from, to: to.index, number, ...sent })
  }
}
