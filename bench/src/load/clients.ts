import { Client } from '@switchyard/harness'
import type { Dialect, Failure } from '@switchyard/harness'

/** Most of what a client reads at a time: the fewer reads, the cheaper the generator. */
const READ_BYTES = 256 * 1024
/** So many connections are begun at a time: more than any server's backlog holds would be begun again and again. */
const CONNECTING_MAX = 256

/** The clients of one run. A connection that is lost ends the run. Disposing of them is leaving the server. */
export class Clients implements Disposable {
  readonly #port: number
  readonly #failure: Failure
  readonly #dialect: Dialect
  readonly #buffer = Buffer.alloc(READ_BYTES)
  readonly #clients: Client[] = []

  constructor(port: number, failure: Failure, dialect: Dialect) {
    this.#port = port
    this.#failure = failure
    this.#dialect = dialect
  }

  /** Settles when so many more clients can be reached. In the order in which the server accepted them, if ids tell it. */
  async connect(count: number): Promise<readonly Client[]> {
    const clients: Client[] = []
    while (clients.length < count) {
      const next = Array.from({ length: Math.min(CONNECTING_MAX, count - clients.length) }, () => this.#begin())
      clients.push(...next)
      await this.#failure.unless(Promise.all(next.map((client) => client.connected)))
    }
    return clients.toSorted((one, other) => Number(one.address) - Number(other.address))
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) void client.leave('destroy')
  }

  #begin(): Client {
    const client = new Client({
      port: this.#port,
      buffer: this.#buffer,
      greeting: this.#dialect.greet(this.#clients.length + 1),
      lost: this.#failure.fail,
      keepalive: this.#dialect.keepalive,
    })
    this.#clients.push(client)
    return client
  }
}
