import type { Limits, Pattern, StatisticsSnapshot } from '@switchyard/core'
import { limitsOf } from '@switchyard/core'
import { Client, message, ROUTER } from '@switchyard/protocols/router/suite'
import type { Site } from '@switchyard/conformance'
import { simulated } from '@switchyard/simulated'

const KIB = 1024
/** What a kernel holds of each connection, each way. */
export const BUFFER_BYTES: number = 64 * KIB
/** With its id and NUL. */
export const MESSAGE_BYTES: number = 1 * KIB
export const ID_BYTES = 4

/** Small, so that they are met soon; and no deadline before a scene is over. */
export const LIMITS: Limits = limitsOf({
  messageBytesMax: 64 * KIB,
  queuedBytesMax: 256 * KIB,
  writeDeadlineMs: 600_000,
})

/** A pattern on a simulated network, where "nothing moves any more" is a fact, and no time passes. */
export class Scene implements AsyncDisposable {
  readonly #site: Site
  readonly #clients: Client[] = []

  private constructor(site: Site) {
    this.#site = site
  }

  static async open(pattern: Pattern): Promise<Scene> {
    const buffers = { receiveBytes: BUFFER_BYTES, sendBytes: BUFFER_BYTES }
    return new Scene(await simulated(ROUTER, pattern, { buffers }).open(LIMITS))
  }

  /** A client that has its id. To be asked for before anything stalls: a server that waits with a write lets nobody in. */
  async client(): Promise<Client> {
    const client = new Client(`client ${this.#clients.length + 1}`, await this.#site.connect())
    this.#clients.push(client)
    await client.admitted()
    return client
  }

  async clients(count: number): Promise<Client[]> {
    const clients: Client[] = []
    while (clients.length < count) clients.push(await this.client())
    return clients
  }

  /** Clients that have their id, and read nothing from now on. */
  async stalled(count: number): Promise<Client[]> {
    const clients = await this.clients(count)
    for (const client of clients) client.pause()
    return clients
  }

  /** Settles when nothing moves any more. */
  atRest(): Promise<void> {
    return this.#site.settled(() => '')
  }

  statistics(): StatisticsSnapshot {
    const snapshot = this.#site.statistics?.()
    if (!snapshot) throw new TypeError('a simulated target has statistics')
    return snapshot
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.destroy()
    await this.atRest()
  }
}

/** Sends `bytes` in messages of 1 KiB, to each receiver in turn, as far as the server takes them. Never rejects. */
export function flood(sender: Client, receivers: readonly Client[], bytes: number): void {
  const body = new Uint8Array(MESSAGE_BYTES - ID_BYTES - 1).fill('x'.charCodeAt(0))
  const messages = receivers.map((receiver) => message(receiver.id, body))
  const count = Math.floor(bytes / MESSAGE_BYTES)
  void sender.flood(Array.from({ length: count }, (_, i) => messages[i % messages.length] ?? body))
}

/** What arrives of 1 KiB that is sent: all but the id. */
export const ARRIVING_BYTES: number = MESSAGE_BYTES - ID_BYTES
