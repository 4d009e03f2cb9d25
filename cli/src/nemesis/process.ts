import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** What it said last, for whoever asks why it ended. */
const WORDS_MAX = 2_000

/** A process that is started, stopped, thawed and killed. It goes when this one does. */
export class Victim implements AsyncDisposable {
  readonly #command: string
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  #words = ''
  readonly #killed = (): void => void this.#process?.kill('SIGKILL')

  constructor(command: string, args: readonly string[]) {
    this.#command = command
    this.#args = args
    process.once('exit', this.#killed)
  }

  /** Settles once it says `ready`. Rejects if it ends before. */
  async start(ready: string): Promise<void> {
    const started = spawn(this.#command, [...this.#args], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = started
    this.#words = ''
    await new Promise<void>((resolve, reject) => {
      const hear = (text: Buffer): void => {
        this.#words = `${this.#words}${text.toString()}`.slice(-WORDS_MAX)
        if (this.#words.includes(ready)) resolve()
      }
      started.stdout.on('data', hear)
      started.stderr.on('data', hear)
      started.once('error', reject)
      started.once('exit', (code) => reject(new Error(`${this.#command} ended with ${code}: ${this.#words}`)))
    })
  }

  get runs(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  get words(): string {
    return this.#words
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal)
  }

  /** Settles when it is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.#process || !this.runs) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGCONT')
    this.#process.kill(signal)
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killed)
    await this.end('SIGKILL')
  }
}
