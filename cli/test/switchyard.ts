import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
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
  return run([process.execPath, BIN, ...args], environment)
}

function run([file = '', ...args]: readonly string[], environment: NodeJS.ProcessEnv = {}): Child {
  const env = { ...process.env, FORCE_COLOR: undefined, ...environment }
  return spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
}

/** `switchyard serve` on a free port, while a test uses it. */
export class Serving implements AsyncDisposable {
  readonly #child: Child
  readonly #heard = new EventEmitter()
  #stdout = ''
  #stderr = ''

  private constructor(child: Child) {
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stdout += chunk
      this.#heard.emit('more')
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      this.#stderr += chunk
      this.#heard.emit('more')
    })
    child.on('close', () => this.#heard.emit('more'))
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

  /** Through a shell or another program that runs the command at the end of its own: the process is that one. */
  static async through(wrapper: readonly string[], ...args: readonly string[]): Promise<Serving> {
    const serving = new Serving(
      run([...wrapper, process.execPath, BIN, 'serve', 'reactor', '--port', '0', ...args], { NO_COLOR: '1' }),
    )
    await serving.said(/:\d+ \(pid|"msg":"listening"/)
    return serving
  }

  get port(): number {
    return Number(/:(\d+) \(pid/.exec(this.#stdout)?.[1] ?? this.#listening?.['port'])
  }

  /** Of the server, also where something else runs it. */
  get pid(): number {
    return Number(/\(pid (\d+)\)/.exec(this.#stdout)?.[1] ?? this.#listening?.['pid'])
  }

  get #listening(): Readonly<Record<string, unknown>> | undefined {
    return this.log.find(({ msg }) => msg === 'listening')
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
    process.kill(this.pid, signal)
  }

  /** Settles with all of stdout and stderr when that matches; rejects if the process ends before. */
  async said(what: RegExp): Promise<string> {
    const said = (): string => this.#stdout + this.#stderr
    while (!what.test(said())) {
      if (this.#child.exitCode !== null) throw new Error(`ended, having said: ${said()}`)
      await once(this.#heard, 'more')
    }
    return said()
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close')
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode === null && signalCode === null && Number.isInteger(this.pid)) this.kill('SIGKILL')
    this.#child.kill('SIGKILL')
    await this.ended()
  }
}
