import type { Client } from '@switchyard/protocols/router/suite'
import { settlesWithin } from '@switchyard/harness'
import type { ConnectionPool } from './connection-pool.ts'

/** Between two messages nothing may take longer, ms: not a measurement, but the end of patience. */
const PATIENCE_MS = 10_000

/** Two clients that have nothing to do with an abuse, send each other one message after the other, and must not notice it. */
export class Bystanders {
  readonly #pair: readonly [Client, Client]
  readonly #talking: Promise<void>
  #rounds = 0
  #over = false
  #problem: string | undefined
  readonly #wakeNext: (() => void)[] = []

  private constructor(pair: readonly [Client, Client]) {
    this.#pair = pair
    this.#talking = this.#talk().catch((error: unknown) => {
      this.#problem = `bystanders: ${error instanceof Error ? error.message : String(error)}`
    })
  }

  static async meet(pool: ConnectionPool): Promise<Bystanders> {
    return new Bystanders([await pool.client('bystander 1'), await pool.client('bystander 2')])
  }

  /** Messages that came through. */
  get rounds(): number {
    return this.#rounds
  }

  /** Settles when so many more have come through, or none do any more. */
  async goOn(more = 3): Promise<void> {
    const enough = this.#rounds + more
    while (this.#rounds < enough && this.#problem === undefined) {
      const before = this.#rounds
      if (await settlesWithin(PATIENCE_MS, this.#nextRound())) continue
      if (this.#rounds === before) this.#problem ??= 'bystanders: they can talk no more'
    }
  }

  /** Ends the talk: what they noticed. */
  async leave(): Promise<readonly string[]> {
    await this.goOn()
    this.#over = true
    if (this.#problem === undefined) await this.#talking
    for (const client of this.#pair) client.destroy()
    return this.#problem === undefined ? [] : [this.#problem]
  }

  #nextRound(): Promise<void> {
    return new Promise((resolve) => this.#wakeNext.push(resolve))
  }

  async #talk(): Promise<void> {
    const [one, other] = this.#pair
    while (!this.#over) {
      const body = `message ${this.#rounds}`
      await one.sendMessage(other, body)
      await other.expect(body)
      await other.sendMessage(one, body)
      await one.expect(body)
      this.#rounds += 2
      for (const wake of this.#wakeNext.splice(0)) wake()
    }
  }
}
