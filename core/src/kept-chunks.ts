import type { Connection } from './connection/connection.ts'
import type { HeldBytes } from './held-bytes.ts'

/** What arrives of clients that are paused, or not through with what arrived while they were: chunks that were in a channel. */
export class KeptChunks {
  readonly #held: HeldBytes
  /** Were paused, and have something that was kept. */
  readonly #resumed = new Set<Connection>()

  constructor(held: HeldBytes) {
    this.#held = held
  }

  keep(connection: Connection, chunk: Uint8Array): void {
    this.#held.add('chunks', chunk.length)
    if (connection.kept) connection.kept.push(chunk)
    else connection.kept = [chunk]
  }

  /** Its turn comes in a step of its own, with `handOver`. */
  resume(connection: Connection): void {
    this.#resumed.add(connection)
  }

  /** All that was kept of clients that are paused no more. Nobody is held back for it: it is no more than was in a channel. */
  handOver(receive: (connection: Connection, chunk: Uint8Array) => void): void {
    for (const connection of this.#resumed) {
      this.#resumed.delete(connection)
      const kept = connection.kept ?? []
      let next = 0
      for (; next < kept.length && connection.connected && !connection.paused; next++) {
        const chunk = kept[next]!
        this.#held.add('chunks', -chunk.length)
        connection.kept = undefined
        receive(connection, chunk)
      }
      connection.kept = next < kept.length ? kept.slice(next) : undefined
      if (!connection.connected) this.drop(connection)
      else if (!connection.paused) connection.readOn()
    }
  }

  drop(connection: Connection): void {
    for (const chunk of connection.kept ?? []) this.#held.add('chunks', -chunk.length)
    connection.kept = undefined
  }
}
