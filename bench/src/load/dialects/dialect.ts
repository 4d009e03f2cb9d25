/**
 * How a load speaks to a server. A server of the router protocol is not the only one that can be put under load: the
 * yardstick routes nothing, `nats-server` has a protocol of its own, and so may a reader.
 *
 * All messages of a load from anybody to one client are equal, so what is to arrive is known beforehand, and arriving
 * messages are counted by their bytes and not looked for. That keeps the generator cheaper than its servers.
 */
export interface Dialect {
  /** The beginning of the `number`th connection of a load, counted from 1. */
  greet(number: number): Greeting
  /** One message to the client of address `to`; its body is made of the byte `fill`, which is not 0. */
  encode(to: number, messageBytes: number, fill: number): Uint8Array
  /** What comes of it at its receiver, exactly. */
  arriving(to: number, messageBytes: number, fill: number): Uint8Array
  /**
   * Whether messages go where they are addressed to. If not, a receiver gets as many as its partner sends, whomever they
   * name, and only their bytes can be counted.
   */
  readonly routes: boolean
  /** What the server may say between two messages, and how it is answered. */
  readonly aside?: Aside
}

export interface Greeting {
  /** Is said as soon as the connection stands. */
  readonly says?: Uint8Array
  /** Hears what comes then, in any pieces. Once the greeting is complete: where the client can be reached, and the rest. */
  hears(bytes: Uint8Array): { readonly address: number; readonly rest: Uint8Array } | undefined
}

/** Something that a server says on its own, such as the question whether a client lives. */
export interface Aside {
  readonly question: Uint8Array
  readonly answer: Uint8Array
}

/** Names a dialect across processes: one of the bench's own, or a module's, whose export `dialect` is one. */
export type DialectName = 'router' | 'relay' | 'nats' | { readonly module: string }
