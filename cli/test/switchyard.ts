import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const BIN: string = fileURLToPath(new URL('../bin/switchyard.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command as its users run it: a process, its output piped. */
export async function switchyard(...args: readonly string[]): Promise<Ran> {
  const child = start(args)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** As in a pipe whose other end has gone: nobody reads what it prints. */
export async function unread(...args: readonly string[]): Promise<Omit<Ran, 'stdout'>> {
  const child = start(args)
  child.stdout.destroy()
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stderr }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Child {
  const env = { ...process.env, FORCE_COLOR: undefined, ...environment }
  return spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
}

/** `switchyard serve` on a free port, while a test uses it. */
export class Serving implements AsyncDisposable {
  readonly #child: Child
  #stdout = ''
  #stderr = ''

  private constructor(child: Child) {
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk
    })
  }

  static async start(
    name: string,
    args: readonly string[] = [],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<Serving> {
    const serving = new Serving(start(['serve', name, '--port', '0', ...args], environment))
    await serving.said(args.includes('--stats-port') ? /statistics at .*\n/ : /listens on .*:\d+/)
    return serving
  }

  get port(): number {
    return Number(/:(\d+) \(pid/.exec(this.#stdout)?.[1])
  }

  /** Where the statistics are, without a slash at the end. */
  get stats(): string {
    return /statistics at (\S+)\//.exec(this.#stdout)?.[1] ?? ''
  }

  /** Every line of the log so far. */
  get log(): readonly Readonly<Record<string, unknown>>[] {
    return this.#stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Settles with all of stdout when that matches; rejects if the process ends before. */
  async said(what: RegExp): Promise<string> {
    while (!what.test(this.#stdout)) {
      if (this.#child.exitCode !== null) throw new Error(`ended, having said: ${this.#stdout}`)
      await Promise.race([once(this.#child.stdout, 'data'), once(this.#child, 'close')])
    }
    return this.#stdout
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close')
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}
