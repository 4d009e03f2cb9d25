import type { AbortReason, ClientId, Limits } from '@switchyard/core'
import type { Event, RunView, Violation } from '@switchyard/sim'

/** What one step decided for one client. */
export interface Delivery {
  /** The client that asked for it; undefined for what no client's input has caused. */
  readonly from: number | undefined
  readonly to: number
  /** Among all from the same client, from 0. */
  readonly number: number
  /** What its destination is to read, and how many whole messages that is. */
  readonly bytes: Uint8Array
  readonly messages: number
  /** The number of the step that decided it. */
  readonly step: number
}

/** What one client has done, and what is owed to it. Offsets count bytes from the beginning of its stream. */
export interface Account {
  readonly index: number
  readonly id: ClientId | undefined
  /** `joined` with the protocol's first step for it, `left` with the last one. */
  readonly state: 'new' | 'joined' | 'left'
  /** Bytes taken by its own kernel; read by the server's side; seen by the protocol. */
  readonly sent: number
  readonly delivered: number
  readonly processed: number
  readonly fin: 'no' | 'sent' | 'delivered'
  readonly reset: boolean
  /** Why it has to be ended at once, once the protocol has seen a reason. */
  readonly cutOff: AbortReason | undefined
  /** The protocol has ended its connection in order. */
  readonly closed: boolean
  /** How many deliveries to each client it has asked for. */
  readonly sentTo: readonly number[]
  /** How many of its deliveries had no destination. */
  readonly dropped: number
  /** In the order of the decisions. */
  readonly owed: readonly Delivery[]
}

/** The account of each client, by its place in the world. */
export interface Accounts {
  readonly accounts: readonly Account[]
  readonly limits: Limits
  /** How many deliveries had no destination. */
  readonly dropped: number
  /** What a client reads before anything that is owed to it, bytes. */
  readonly openingBytes: number
  account(client: number): Account
  /** Whether the protocol holds an unfinished message of the client. */
  isInMessage(account: Account): boolean
}

/** What one client has read, against what is owed to it. */
export interface Reading {
  read(bytes: Uint8Array, run: RunView): Violation | undefined
  /** How many bytes have come of something that is not complete. */
  readonly unfinishedBytes: number
  /** Whether everything has come that was to come by now. */
  readonly complete: boolean
  /** The first that is owed and has not come. */
  missing(): Delivery | undefined
}

/** What a checker knows of a run. */
export interface Model<Ledger extends Accounts = Accounts> {
  readonly ledger: Ledger
  /** By client. */
  readonly readings: readonly Reading[]
}

/** What must hold beside whole deliveries, ends and bounds; a fresh one for each run. */
export interface Invariant<Ledger extends Accounts = Accounts, Say = unknown> {
  after?(event: Event<Say>, model: Model<Ledger>, run: RunView<Say>): Violation | undefined
  /** Nothing is left to happen before time would have to move. */
  rest?(model: Model<Ledger>, run: RunView<Say>): Violation | undefined
}

/** For reports: `message 2 of client 0 to client 1 (12 bytes)`. */
export function nameOf({ number, from, to, bytes }: Delivery): string {
  return `message ${number} ${from === undefined ? '' : `of client ${from} `}to client ${to} (${bytes.length} bytes)`
}
