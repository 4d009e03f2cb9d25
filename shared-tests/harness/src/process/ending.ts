import type { ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { settlesWithin } from '../waiting.ts'
import { LastWords } from './last-words.ts'

/** How long, after the end of a process, the rest of its stderr is waited for, ms: something that it left behind may keep it open. */
const STDERR_MS = 200

/** A shell's word for a command that SIGTERM has ended. */
const BY_SIGTERM = 128 + constants.signals.SIGTERM

/** What is known of a process in the end: how it ended, and what it said. */
export class Ending {
  /** Settles, and never rejects, when the process is gone and its stderr is read, as far as that ends. */
  readonly gone: Promise<void>
  readonly #words = new LastWords()
  readonly #child: ChildProcess
  #failure: Error | undefined

  constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#words.take(text))
    this.gone = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#failure = error
        resolve()
      })
      const closed = new Promise((read) => void child.once('close', read))
      child.once('exit', () => {
        void settlesWithin(STDERR_MS, closed).then(() => {
          child.stderr?.destroy() // Open for ever, it would keep this process.
          resolve()
        })
      })
    })
  }

  /** Whether the process is gone. */
  get over(): boolean {
    return this.#failure !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The end of a sentence: `ended with exit code 1`. */
  how(): string {
    const { exitCode, signalCode } = this.#child
    if (this.#failure) return `could not be started (${this.#failure.message})`
    if (signalCode) return `was ended by ${signalCode}`
    if (exitCode === 127) return 'was not found (exit code 127)'
    if (exitCode === BY_SIGTERM) return `was ended by SIGTERM (exit code ${exitCode})`
    return exitCode === null ? 'was still running' : `ended with exit code ${exitCode}`
  }

  /** The same with its last words. */
  obituary(): string {
    const lines = this.#words.lines()
    return lines.length === 0 ? this.how() : `${this.how()} after it wrote:\n${lines.join('\n')}`
  }

  lines(): readonly string[] {
    return this.#words.lines()
  }
}
