import { ServerFailed, startServer } from '@switchyard/harness'
import type { CpuSample, ServerProcess } from '@switchyard/harness'
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import type { Memory, Seen, Server } from './server.ts'
import type { HostedSubject } from '../subject.ts'
import { Broken } from '../load/errors.ts'

/** A server that answers questions about itself. */
export class HostedServer implements Server {
  readonly sight = 'inside'
  readonly #process: ServerProcess

  private constructor(process: ServerProcess) {
    this.#process = process
  }

  /** Rejects with Broken if it does not come up. */
  static async start({ module, args = [] }: HostedSubject, limits: Partial<Limits>): Promise<HostedServer> {
    return new HostedServer(await orBroken(startServer({ module, args, limits })))
  }

  get port(): number {
    return this.#process.port
  }

  get limits(): Limits {
    return this.#process.limits
  }

  get ended(): Promise<string> {
    return this.#process.ended
  }

  seen(): Promise<Seen> {
    return this.statistics()
  }

  statistics(): Promise<StatisticsSnapshot> {
    return orBroken(this.#process.statistics())
  }

  /** Garbage is collected first. */
  async memory(): Promise<Memory> {
    return { of: 'heap', ...(await orBroken(this.#process.memory())) }
  }

  cpu(): Promise<CpuSample> {
    return orBroken(this.#process.cpu())
  }

  waits(): Promise<string> {
    return orBroken(this.#process.waits())
  }

  kill(): Promise<void> {
    return this.#process.kill()
  }
}

async function orBroken<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof ServerFailed) throw new Broken(error.message)
    throw error
  }
}
