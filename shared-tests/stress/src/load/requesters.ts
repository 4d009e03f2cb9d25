import type { Client, IncomingAnswers, Requests } from '@switchyard/harness'
import { batchOf } from '@switchyard/harness'
import type { Stage } from '../stage.ts'
import { strangeBytes } from './errors.ts'

/** A client that sends requests, and hears answers and beats. */
export class Requester {
  readonly client: Client
  readonly incoming: IncomingAnswers
  /** Is called when something has come. */
  heard = (): void => {}
  readonly #requests: Requests
  #sent = 0

  private constructor(client: Client, requests: Requests, stage: Stage) {
    this.client = client
    this.incoming = requests.incoming()
    this.#requests = requests
    client.received = (bytes) => {
      if (!this.incoming.take(bytes)) return stage.fail(strangeBytes())
      this.heard()
    }
  }

  /** Settles when so many have connected. */
  static async connect(stage: Stage, count: number): Promise<readonly Requester[]> {
    const clients = await stage.connect(count)
    const requests = stage.requests()
    return clients.map((client) => new Requester(client, requests, stage))
  }

  /** Sends so many requests at once. `accepted` is called when the operating system has taken them. */
  ask(count: number, accepted?: () => void): void {
    const requests = Array.from({ length: count }, () => this.#requests.request(this.#sent++))
    this.client.write(
      batchOf(
        requests,
        requests.reduce((sum, { length }) => sum + length, 0),
      ),
      accepted,
    )
  }
}
