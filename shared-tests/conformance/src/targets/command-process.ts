import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { constants } from 'node:os'
import type { Limits } from '@switchyard/core'
import { portOf } from '@switchyard/core/tcp'
import { Failed } from '../failed.ts'
import type { Options } from '../suite.ts'
import { Unreachable } from './target.ts'
import { connectTcp } from './sockets.ts'
import { settlesWithin } from './waiting.ts'

/** Where all commands listen. */
export const HOST = '127.0.0.1'
/** How long a command may take until it listens, ms. */
const READY_MS = 15_000
const BETWEEN_TRIES_MS = 15
/** Between SIGTERM and SIGKILL, where the end is not what is judged, ms. */
const END_MS = 2_000
/** How long, after the end, the rest of stderr is waited for, ms. */
const STDERR_MS = 200
const STDERR_LINES = 10
/** SIGTERM goes to the whole group. A shell with a trap waits for its command and answers with its exit code. */
const OUTLIVE_SIGTERM = 'trap : TERM'
/** How long a server may take to close the connection that asked whether it listens, ms. */
const CLOSE_MS = 1_000

/**
 * Settles when it listens; rejects with Unreachable if it never does. Tries twice: the port was free when it was chosen, which
 * is all that can be said of it.
 */
export async function startCommand(line: string, limits: Limits, options: Options = {}): Promise<CommandProcess> {
  const first = await CommandProcess.start(line, { ...limits, ...options })
  if (await first.ready()) return first
  await first.end()
  const second = await CommandProcess.start(line, { ...limits, ...options })
  if (await second.ready()) return second
  await second.end()
  throw new Unreachable(
    `\`${line}\` ${second.obituary()} before it listened on port ${second.port}\n${second.account()}`.trim(),
  )
}

/** A shell and all that it starts: one process group, so that nothing survives. */
export class CommandProcess {
  readonly port: number
  readonly #child: ChildProcess
  readonly #exit: Promise<void>
  readonly #stderr: string[] = []
  #failure: Error | undefined

  private constructor(line: string, port: number, variables: Options) {
    this.port = port
    const environment = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [variableOf(name), `${value}`]),
    )
    this.#child = spawn(`${OUTLIVE_SIGTERM}\n${line.replaceAll('{port}', `${port}`)}`, {
      shell: true,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment, SWITCHYARD_PORT: `${port}` },
    })
    const orphaned = (): void => this.#kill('SIGKILL')
    process.once('exit', orphaned)
    this.#exit = new Promise((resolve) => {
      const ended = (): void => {
        process.off('exit', orphaned)
        resolve()
      }
      this.#child.once('error', (error) => {
        this.#failure = error
        ended()
      })
      // `close` comes when stderr has been read to its end, unless something that the shell left behind keeps it open.
      const closed = new Promise((read) => void this.#child.once('close', read))
      this.#child.once('exit', () => void settlesWithin(STDERR_MS, closed).then(ended))
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr.push(...text.split('\n').filter((part) => part !== ''))
      this.#stderr.splice(0, this.#stderr.length - STDERR_LINES)
    })
  }

  static async start(line: string, variables: Options): Promise<CommandProcess> {
    return new CommandProcess(line, await freePort(), variables)
  }

  /** Of the shell, and of the group of all that it starts; undefined if there is none. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Settles, and never rejects, when the shell is gone. */
  get exit(): Promise<void> {
    return this.#exit
  }

  get ended(): boolean {
    return this.#failure !== undefined || this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** False if it ended instead, or took too long. */
  async ready(): Promise<boolean> {
    for (let waited = 0; waited < READY_MS && !this.ended; waited += BETWEEN_TRIES_MS) {
      if (await this.#answers()) return true
      await settlesWithin(BETWEEN_TRIES_MS, this.#exit)
    }
    return false
  }

  /** SIGTERM, to judge what comes of it. Rejects with Failed unless it exits with 0. */
  async shutDown(): Promise<void> {
    this.#kill('SIGTERM')
    await this.#exit
    if (this.#child.exitCode === 0) return
    throw new Failed(`after SIGTERM, the process ${this.obituary()}, not with exit code 0`)
  }

  /** Whatever it takes. */
  async end(): Promise<void> {
    this.#kill('SIGTERM')
    if (!(await settlesWithin(END_MS, this.#exit))) this.#kill('SIGKILL')
    await this.#exit
    this.#kill('SIGKILL') // What the shell left behind.
  }

  /** At once, and all that it started. */
  async kill(): Promise<void> {
    this.#kill('SIGKILL')
    await this.#exit
  }

  obituary(): string {
    const { exitCode, signalCode } = this.#child
    if (this.#failure) return `could not be started (${this.#failure.message})`
    if (signalCode) return `was ended by ${signalCode}`
    if (exitCode === 127) return 'was not found (exit code 127)'
    if (exitCode === 128 + constants.signals.SIGTERM) return `was ended by SIGTERM (exit code ${exitCode})`
    return exitCode === null ? 'was still running' : `ended with exit code ${exitCode}`
  }

  /** The same for a server that may be about to end: its connections go before it does. */
  async lastWords(): Promise<string> {
    await settlesWithin(STDERR_MS, this.#exit)
    return this.account()
  }

  account(): string {
    const lines = this.#stderr.map((text) => `  stderr: ${text}`)
    return (this.ended ? [`  server: the process ${this.obituary()}`, ...lines] : lines).join('\n')
  }

  /** Connects, leaves, and waits until the server has seen it leave: a case may count connections. */
  async #answers(): Promise<boolean> {
    try {
      const socket = await connectTcp(HOST, this.port)
      const closed = new Promise<void>((resolve) => void socket.once('close', resolve))
      socket.on('error', () => {}) // However it ends, it did answer.
      socket.resume().end()
      await settlesWithin(CLOSE_MS, closed)
      socket.destroy()
      return true
    } catch {
      return false // Nobody listens yet.
    }
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch {
      // The whole group has ended.
    }
  }
}

/** The name of the environment variable of a limit or an option. */
export function variableOf(limit: string): string {
  return `SWITCHYARD_${limit.replaceAll(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
