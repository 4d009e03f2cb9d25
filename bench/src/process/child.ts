import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { on } from 'node:events'

/** So much of what a child wrote to stderr is kept: its last words. */
const STDERR_TAIL_CHARACTERS = 2_000

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
    this.ended = endOf(this.#process)
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

function endOf(child: ChildProcess): Promise<string> {
  let tail = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARACTERS)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`failed: ${error.message}`))
    child.on('close', (code, signal) => {
      const how = signal ? `was ended by ${signal}` : `exited with code ${code}`
      resolve(tail.trim() === '' ? how : `${how} after it wrote:\n${tail.trim()}`)
    })
  })
}
