/**
 * How clients of one protocol speak and are spoken to: one carrier for bench, stress, faults and abuse. What is sent, and how
 * what arrives is counted, is the dialect's; when, how much and what that shows is the load's.
 */
export interface Dialect {
  /** The beginning of the `number`th connection of a load, counted from 1. */
  greet(number: number): Greeting
  /** Messages from one client to another. */
  pair(from: Addressed, to: Addressed): Talk
  /** Messages from one client to all `members` of a group. Absent: the protocol has no groups. */
  crowd?(from: Addressed, members: readonly Addressed[]): Crowd
  /** Counts messages of one length that several send to one client, each with a `fill` of its own. Absent: they can't be told apart. */
  several?(messageBytes: number): FromSeveral
  /**
   * Whether messages go where they are addressed to. If not, a receiver gets as many as its partner sends, whomever they
   * name, and only their bytes can be counted.
   */
  readonly routes: boolean
  /** What the server may say between two messages, and how it is answered. */
  readonly keepalive?: Keepalive
  /** The protocol's own limits that a load needs: without a flood limit, for example. Default: none. */
  readonly options?: Readonly<Record<string, number>>
}

/** Where a client can be reached: an id, or a name. */
export interface Addressed {
  readonly address: Address
}

export type Address = number | string

/** Messages that are all equal: made of the byte `fill`, which is not 0, and as near to `messageBytes` as the protocol allows. */
export interface Talk {
  /** One message, as its sender writes it. */
  message(messageBytes: number, fill: number): Uint8Array
  /** Counts such messages at a receiver. */
  incoming(messageBytes: number, fill: number): Incoming
}

export interface Crowd extends Talk {
  /** What each member writes before the first message: that it wants to hear them. */
  readonly joins: Uint8Array
}

/** A stream of messages as it arrives. */
export interface Incoming {
  /** Those that are complete. */
  readonly messages: number
  /** Whether no message is cut at this moment. */
  readonly whole: boolean
  /** Counts a chunk; false if something stands there that was not sent. */
  take(chunk: Uint8Array): boolean
}

/** A stream of several senders' messages, between each other but not mixed. */
export interface FromSeveral extends Incoming {
  /** How many of one sender's messages are complete. */
  with(fill: number): number
}

export interface Greeting {
  /** Is said as soon as the connection stands. */
  readonly says?: Uint8Array
  /** Hears what comes then, in any pieces. Once the greeting is complete: where the client can be reached, and the rest. */
  hears(bytes: Uint8Array): { readonly address: Address; readonly rest: Uint8Array } | undefined
}

/** A question of a server's own, whether a client lives, and the answer. */
export interface Keepalive {
  readonly question: Uint8Array
  readonly answer: Uint8Array
}
