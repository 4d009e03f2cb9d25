import type { Connection } from './connection/connection.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { WaitForGraph } from './wait-for-graph.ts'

/** R5.6: what is held of the clients' unfinished messages, and who waits until the server holds less. */
export class HeldInput {
  readonly #held: HeldBytes
  readonly #waits: WaitForGraph
  readonly #waiting = new Map<Connection, Disposable>()

  constructor(held: HeldBytes, waits: WaitForGraph) {
    this.#held = held
    this.#waits = waits
  }

  /** Reading of this client pauses, until `resume`. */
  wait(connection: Connection): void {
    if (this.#waiting.has(connection)) return
    this.#waiting.set(connection, this.#waits.begin(connection.party, { kind: 'memory' }))
  }

  endWait(connection: Connection): void {
    this.#waiting.get(connection)?.[Symbol.dispose]()
    this.#waiting.delete(connection)
  }

  /** Wakes all who wait, if the server holds less than it may. */
  resume(): void {
    if (this.#held.full) return
    const waiting = Array.from(this.#waiting.keys())
    for (const connection of waiting) {
      this.endWait(connection)
      connection.wake()
    }
  }

  /**
   * So much is held now of this client's unfinished input. If unfinished messages alone fill `heldBytesMax`, only ending one helps:
   * the largest of `others`. Asked whenever they change: by then everybody may have paused. A client that has left already frees its
   * own with its last step.
   */
  count(connection: Connection, bytes: number, others: Iterable<Connection>): void {
    if (bytes === connection.inputBytes) return
    this.#held.add('input', bytes - connection.inputBytes)
    connection.inputBytes = bytes
    if (this.#held.at('input') < this.#held.max) return
    let largest: Connection | undefined
    for (const candidate of others) if (candidate.inputBytes > (largest?.inputBytes ?? 0)) largest = candidate
    if (largest?.connected) largest.abort('held-bytes')
  }
}
