import type { ClientId, Outbox, Protocol } from '@switchyard/core'

/** Hears of each step that a pattern takes, just before the protocol does. */
export interface Watcher {
  joined(client: ClientId): void
  processed(client: ClientId, bytes: number): void
  left(client: ClientId): void
}

/** A protocol that somebody watches. What it decides is its own affair: a faulty one is judged by what its clients read. */
export class Watched implements Protocol {
  readonly #protocol: Protocol
  readonly #watcher: Watcher

  constructor(protocol: Protocol, watcher: Watcher) {
    this.#protocol = protocol
    this.#watcher = watcher
  }

  connected(client: ClientId, out: Outbox): void {
    this.#watcher.joined(client)
    this.#protocol.connected(client, out)
  }

  received(client: ClientId, chunk: Uint8Array, out: Outbox): void {
    this.#watcher.processed(client, chunk.length)
    this.#protocol.received(client, chunk, out)
  }

  disconnected(client: ClientId, out: Outbox): void {
    this.#watcher.left(client)
    this.#protocol.disconnected(client, out)
  }

  heldBytes(client: ClientId): number {
    return this.#protocol.heldBytes(client)
  }
}
