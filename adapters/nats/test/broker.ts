import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { portOf } from '@switchyard/core/tcp'

/** Whether nats-server is installed. */
export const BROKER: boolean = spawnSync('nats-server', ['--version']).status === 0

/** Says why nothing is tested: a sentence, and no failure. */
export const NO_BROKER = 'nats-server is not installed on this machine: nothing is tested with a real broker'

/** A nats-server on a port of its own, which can be killed and started again there. */
export class Broker implements AsyncDisposable {
  readonly port: number
  readonly #args: readonly string[]
  #process: ChildProcess | undefined

  private constructor(port: number, args: readonly string[]) {
    this.port = port
    this.#args = args
  }

  static async start(...args: readonly string[]): Promise<Broker> {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const broker = new Broker(portOf(probe), args)
    probe.close()
    await once(probe, 'close')
    await broker.restart()
    return broker
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  /** Settles when it takes connections. */
  async restart(): Promise<void> {
    const started = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(this.port), ...this.#args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = started
    let said = ''
    started.stderr.on('data', (text: Buffer) => (said += String(text)))
    while (!said.includes('Server is ready')) await once(started.stderr, 'data')
  }

  async kill(): Promise<void> {
    const { exitCode, signalCode } = this.#process ?? {}
    if (!this.#process || exitCode !== null || signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
