/**
 * What the clients of one protocol can say: all that the simulator knows of a protocol. `Say` is one thing that a client
 * says, as data: a world lists them, and their bytes are made when they are said, since these may depend on what has been
 * read by then (an id, a ticket).
 */
export interface Speech<Say> {
  /** The protocol's name, in kebab-case: a replay line names it. */
  readonly protocol: string
  /** Begins the conversation of one run. */
  begin(clients: number): Conversation<Say>
  /** For charts and logs, behind `client 0 `: "sends 6 bytes for client 1". */
  label(say: Say, taken: Taken): string
  /** For replay lines: letters, digits, `_`, `-`, `.`, `~` and `@`. Must not be `f`, `r`, `s` or `c` alone. */
  encode(say: Say): string
  /** Undefined for a text that `encode` does not make. */
  decode(text: string): Say | undefined
  /** Where the first message in `bytes` ends, which clients sent; 0 if it does not: an interesting place to cut a read. Default: 0. */
  messageEnd?(bytes: Uint8Array): number
  /** Whether a client introduces itself by this: in a prologue it is said as soon as it can be. Default: false. */
  introduces?(say: Say): boolean
  /** For shrinking: plainer things to say instead, the plainest first. Default: none. */
  smaller?(say: Say): Iterable<Say>
  /** The same where clients have other numbers; undefined if it names one that has none. Default: it names nobody. */
  renumbered?(say: Say, now: (client: number) => number | undefined): Say | undefined
  /** Whether another client could say it as well, before or after all that it says itself. Default: true. */
  movable?(say: Say): boolean
}

/** How much of what is said a client's kernel takes now. */
export interface Taken {
  readonly bytes: number
  /** Nothing of it is left to be sent. */
  readonly whole: boolean
}

/** What the clients of one run have heard so far, and so what they can say. */
export interface Conversation<Say> {
  /** `client` has read `bytes`. Returns whether it knows something new by that. */
  hear(client: number, bytes: Uint8Array): boolean
  /** Whether the server has told it what it tells every client first: a prologue ends when all are introduced. */
  introduced(client: number): boolean
  /**
   * What `client` sends if it says this now; undefined: it cannot say it yet. `looked` is told of each client on whose
   * knowledge the answer depends.
   */
  bytesOf(client: number, say: Say, looked: (at: number) => void): Uint8Array | undefined
}

/** How one client's knowledge grows, and what is said with it. */
export interface Hearing<Say, Known> {
  /** Before anything was read. */
  readonly nothing: Known
  /** After `bytes` more: the same value if it knows nothing new. */
  hear(known: Known, bytes: Uint8Array): Known
  introduced(known: Known): boolean
  /** Undefined while it cannot be said. `knows` returns what a client knows. */
  bytesOf(say: Say, client: number, knows: (client: number) => Known): Uint8Array | undefined
}

/**
 * A conversation in which each client knows one value. What an answer depends on is observed, not declared: exhaustive
 * exploration relies on it (see `Exhaustive`).
 */
export function conversationOf<Say, Known>(clients: number, hearing: Hearing<Say, Known>): Conversation<Say> {
  const known: Known[] = Array.from({ length: clients }, () => hearing.nothing)
  return {
    hear(client, bytes) {
      const before = known[client]!
      known[client] = hearing.hear(before, bytes)
      return known[client] !== before
    },
    introduced: (client) => hearing.introduced(known[client]!),
    bytesOf: (client, say, looked) =>
      hearing.bytesOf(say, client, (at) => {
        looked(at)
        return known[at]!
      }),
  }
}
