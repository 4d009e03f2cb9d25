import { startCommand, Unreachable } from '@switchyard/conformance'
import { limitsOf } from '@switchyard/core'
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import { cpuMicrosOf, kernelQueues, rssBytesOf, TASKS_MAX } from '@switchyard/harness'
import type { Client, Command, CpuSample } from '@switchyard/harness'
import type { Memory, Seen, Server, Sight } from './server.ts'
import type { ForeignSubject } from '../subject.ts'
import { Unable, Unseen } from '../load/errors.ts'

/** Looks from outside take long: a stalled client shall not be gone before everything is filled. */
const WRITE_DEADLINE_MS = 120_000

/** A server of which only its connections and, on Linux, the operating system's account of it can be seen. */
export class ForeignServer implements Server {
  readonly limits: Limits
  readonly sight: Sight = kernelQueues(0) === null ? 'clients' : 'kernel'
  readonly #command: Command

  private constructor(command: Command, limits: Limits) {
    this.#command = command
    this.limits = limits
  }

  /** Rejects with Unable if it never listens: there is nothing to judge. */
  static async start({ command, dialect }: ForeignSubject, given: Partial<Limits>): Promise<ForeignServer> {
    const limits = limitsOf({ writeDeadlineMs: WRITE_DEADLINE_MS, ...given })
    try {
      return new ForeignServer(await startCommand(command, limits, dialect.options), limits)
    } catch (error) {
      if (error instanceof Unreachable) throw new Unable(error.message)
      throw error
    }
  }

  get port(): number {
    return this.#command.port
  }

  get ended(): Promise<string> {
    return this.#command.gone.then(() => this.#command.obituary())
  }

  /**
   * By double-entry: what clients handed to the kernel, less what lies in it unread, has been read by the server; less what
   * clients have read and what lies in the kernel for them, it is held. What a message is addressed by counts as held.
   */
  async seen(clients: readonly Client[]): Promise<Seen> {
    const queues = kernelQueues(this.port)
    const connected = clients.filter(({ greeted }) => greeted)
    const sum = (of: (client: Client) => number): number => connected.reduce((total, each) => total + of(each), 0)
    const takenBytes = sum((client) => client.takenBytes)
    if (!queues) {
      return { bytesIn: takenBytes, held: { total: Number.NaN }, connections: { open: Number.NaN } }
    }
    const bytesIn = takenBytes - sum(({ localPort }) => queues.toServer.get(localPort) ?? 0)
    const bytesOut = sum(
      (client) => client.readBytes - client.greetingBytes + (queues.toClient.get(client.localPort) ?? 0),
    )
    return {
      bytesIn,
      held: { total: bytesIn - bytesOut },
      connections: { open: queues.serverSide.size },
    }
  }

  async statistics(): Promise<StatisticsSnapshot> {
    throw new Unseen('it needs a look at the statistics of the server')
  }

  async memory(): Promise<Memory> {
    const rssBytes = rssBytesOf(this.#command.pid)
    return { of: 'resident', heldBytes: rssBytes, rssBytes }
  }

  async cpu(): Promise<CpuSample> {
    const cpuMicros = cpuMicrosOf(this.#command.pid)
    if (cpuMicros === null)
      throw new Unseen(`CPU time is read from /proc/<pid>/task, on Linux, of at most ${TASKS_MAX} threads`)
    return { cpuMicros, atMs: performance.now() }
  }

  waits(): Promise<string> {
    return Promise.resolve("who waits for whom can't be seen from outside")
  }

  kill(): Promise<void> {
    return this.#command.kill()
  }
}
