import { limitsOf } from '@switchyard/core'
import type { Limits, StatisticsSnapshot } from '@switchyard/core'
import { Child } from '../process/child.ts'
import { settlesWithin, within } from '../waiting.ts'
import type {
  Answer,
  Answers,
  CpuSample,
  FromHost,
  HostFacts,
  MemorySample,
  ProcessMetrics,
  Question,
  ToHost,
} from './messages.ts'

/** A process loads its modules and listens within this time, on a busy machine too; or it never will. */
const START_MS = 20_000
/** What a server may take to shut down beyond its `graceMs`, before it is killed. */
const STOP_SLACK_MS = 1_000

/** A server's process ended, or never listened. The message says how, with its last words. */
export class ServerFailed extends Error {
  override readonly name = 'ServerFailed'
  readonly code = 'server-failed'
}

export interface ServerProcessOptions {
  /** Path or file URL of a JavaScript module that calls `host`. */
  readonly module: string | URL
  /** The module's `process.argv` from 2 on: which pattern it is to host, for example. */
  readonly args?: readonly string[]
  readonly limits?: Partial<Limits>
}

/**
 * Settles when the server listens. Rejects with ServerFailed if it never does: how it ended, and its last words. Throws
 * RangeError for limits out of range.
 */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const server = new ServerProcess(options)
  try {
    await server.listening()
    return server
  } catch (error) {
    await server.kill()
    throw error
  }
}

/** A server in a process of its own, on loopback. Its figures reject with ServerFailed once the process is gone. */
export class ServerProcess implements AsyncDisposable {
  /** What it was started with, defaults included. */
  readonly limits: Limits
  readonly #child: Child<ToHost, FromHost>
  readonly #receiving: Promise<void>
  readonly #asked: { readonly [Asked in Question]: Map<number, (answer: Answers[Asked]) => void> } = {
    cpu: new Map(),
    statistics: new Map(),
    waits: new Map(),
    memory: new Map(),
    metrics: new Map(),
  }
  readonly #listening: Promise<void>
  #listens = (): void => {}
  #questions = 0
  #port = 0
  #facts: HostFacts | undefined
  #stopping: Promise<void> | undefined

  /** Does not wait until the server listens; `startServer` does. */
  constructor({ module, args = [], limits }: ServerProcessOptions) {
    this.limits = limitsOf(limits)
    this.#listening = new Promise((resolve) => {
      this.#listens = resolve
    })
    this.#child = new Child({ module, args, nodeArgs: ['--expose-gc'] })
    this.#receiving = this.#receive()
    this.#child.send({ kind: 'serve', limits: this.limits })
  }

  async listening(): Promise<void> {
    await within(START_MS, this.#unlessEnded(this.#listening), () => {
      throw new ServerFailed(`the server process did not listen within ${START_MS / 1000} seconds`)
    })
  }

  get port(): number {
    return this.#port
  }

  /** Undefined before it listens. */
  get facts(): HostFacts | undefined {
    return this.#facts
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Settles, and never rejects, when the process is gone: how it ended, as the end of a sentence. */
  get ended(): Promise<string> {
    return this.#child.ended
  }

  cpu(): Promise<CpuSample> {
    return this.#ask('cpu')
  }

  statistics(): Promise<StatisticsSnapshot> {
    return this.#ask('statistics')
  }

  /** Who waits for whom, as text. */
  waits(): Promise<string> {
    return this.#ask('waits')
  }

  /** Forces a collection first, which halts the server for some milliseconds. */
  memory(): Promise<MemorySample> {
    return this.#ask('memory')
  }

  /** Over the time since the last call; the first call begins it. */
  metrics(): Promise<ProcessMetrics> {
    return this.#ask('metrics')
  }

  /** Shuts the server down, and kills it if that takes longer than `graceMs` allows. Doing it twice is harmless. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#shutDown())
  }

  async kill(): Promise<void> {
    await this.#child[Symbol.asyncDispose]()
    await this.#receiving
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  async #shutDown(): Promise<void> {
    this.#child.send({ kind: 'shut-down' })
    await settlesWithin(this.limits.graceMs + STOP_SLACK_MS, this.ended)
    await this.kill()
  }

  #ask<Asked extends Question>(question: Asked): Promise<Answers[Asked]> {
    const id = this.#questions++
    const answer = new Promise<Answers[Asked]>((resolve) => this.#asked[question].set(id, resolve))
    this.#child.send({ kind: 'ask', id, question })
    return this.#unlessEnded(answer)
  }

  #answered<Asked extends Question>({ question, id, answer }: Answer<Asked>): void {
    this.#asked[question].get(id)?.(answer)
    this.#asked[question].delete(id)
  }

  #unlessEnded<Value>(value: Promise<Value>): Promise<Value> {
    const ended = this.ended.then((how) => {
      throw new ServerFailed(`the server process ${how}`)
    })
    return Promise.race([value, ended])
  }

  async #receive(): Promise<void> {
    for await (const message of this.#child.messages) {
      switch (message.kind) {
        case 'listening':
          this.#port = message.port
          this.#facts = message.facts
          this.#listens()
          break
        case 'answer':
          this.#answered(message)
      }
    }
  }
}
