import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { on } from 'node:events'
import { Ending } from './ending.ts'

export interface ChildOptions {
  /** Path or file URL of a JavaScript module. */
  readonly module: string | URL
  readonly args?: readonly string[]
  /** Options of Node's own. */
  readonly nodeArgs?: readonly string[]
}

/** A process that was forked: what it is told, what it says, and how it ends. */
export class Child<Told extends object, Said> implements AsyncDisposable {
  /** Every message, in order, until the process is gone. To be read once. */
  readonly messages: AsyncIterable<Said>
  /** Settles, and never rejects, when the process is gone: how it ended and its last words, as the end of a sentence. */
  readonly ended: Promise<string>
  readonly #process: ChildProcess

  constructor({ module, args = [], nodeArgs = [] }: ChildOptions) {
    // Its stdout goes nowhere: the parent's may be a table, or JSON. What it has to say it says on stderr.
    this.#process = fork(module, args, { execArgv: [...nodeArgs], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.messages = firstOfEach(on(this.#process, 'message', { close: ['close'] }))
    const ending = new Ending(this.#process)
    this.ended = ending.gone.then(() => ending.obituary())
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** If the process is gone, `ended` says so; here that is no error. */
  send(message: Told): void {
    this.#process.send(message, () => {})
  }

  /** Kills it, and settles when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.ended
  }
}

/** An event is the list of its arguments; `message` has one. */
async function* firstOfEach<Said>(events: AsyncIterable<readonly Said[]>): AsyncGenerator<Said> {
  for await (const [said] of events) if (said !== undefined) yield said
}
