/**
 * How clients of one protocol speak and are spoken to: one carrier for bench, stress, faults and abuse. What is sent, and how
 * what arrives is counted, is the dialect's; when, how much and what that shows is the load's.
 */
export interface Dialect {
  /** The beginning of the `number`th connection of a load, counted from 1. */
  greet(number: number): Greeting
  /** Messages from one client to another. Absent: whoever sends one gets something for it, too. */
  pair?(from: Addressed, to: Addressed): Talk
  /** Messages from any member of a group to all of it. `group` tells it from others. Absent: the protocol has no groups. */
  crowd?(group: number): Crowd
  /** Requests that are answered when they are durable, by a server that keeps time. Absent: the protocol has none. */
  requests?(): Requests
  /** What comes back to whoever sends it. Absent: nothing does. */
  echoes?(): Echoes
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

/** Messages in a group. Each member must have joined before it can say or hear any. */
export interface Crowd {
  /** How a member joins. */
  join(): Joining
  /** One message as one of the members writes it: of `messageBytes` where it arrives, or as near to that as the protocol allows. */
  message(messageBytes: number): Uint8Array
  /** Counts such messages at a member, whoever of the group has sent them. */
  incoming(messageBytes: number): IncomingFromCrowd
}

export interface IncomingFromCrowd extends Incoming {
  /** Messages that the server has left out here, as it says. */
  readonly missed: number
}

/** Requests of clients that have nothing to do with each other. */
export interface Requests {
  /** A client that is told nothing for so long is told something, ms. */
  readonly beatMs: number
  /** One request. Each of a client's has another `number`. */
  request(number: number): Uint8Array
  /** Counts the answers to a client: `messages`. */
  incoming(): IncomingAnswers
}

export interface IncomingAnswers extends Incoming {
  /** How often the client was told something since there was nothing else to tell it. */
  readonly beats: number
}

/** A server that sends back what one peer sends it, in streams of which each has a window. */
export interface Echoes {
  /** All that a peer may send in so many streams before it reads anything: each window full, and its end. */
  filling(streams: number): Uint8Array
  /** Counts streams that have come back, to the last byte and their end: `messages`. */
  incoming(): Incoming
}

/** A dialect of messages from one client to another. */
export type PairDialect = Dialect & Required<Pick<Dialect, 'pair'>>
/** A dialect of messages in groups. */
export type CrowdDialect = Dialect & Required<Pick<Dialect, 'crowd'>>

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

/** What a client says and hears before any message. */
export interface Joining {
  readonly says?: Uint8Array
  /** Hears what comes then, in any pieces. Once that is complete: the rest. */
  hears(bytes: Uint8Array): { readonly rest: Uint8Array; readonly address?: Address } | undefined
}

/** Is said as soon as the connection stands, and tells where the client can be reached. */
export interface Greeting extends Joining {
  hears(bytes: Uint8Array): { readonly rest: Uint8Array; readonly address: Address } | undefined
}

/** A question of a server's own, whether a client lives, and the answer. */
export interface Keepalive {
  readonly question: Uint8Array
  readonly answer: Uint8Array
}
