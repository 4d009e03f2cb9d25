import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import type { Close, Limits, StatisticsSnapshot } from '@switchyard/core'
import type { Measured, Operated, OperatedOptions, Victims } from './abuse.ts'
import { environmentOf, startServer } from '@switchyard/harness'

/** A process loads its modules and listens within this time, on a busy machine too; or it never will. */
const START_MS = 20_000

/** Built JavaScript: Node 20 starts no TypeScript. */
export interface Programs {
  /** Hosts the server of the name that it is given, for measurements. */
  readonly host: URL
  /** The path of the `switchyard` command. */
  readonly command: string
}

/** One of our servers, to be abused by its name. */
export function victimsOf(name: string, protocol: string, { host, command }: Programs): Victims {
  return {
    measured: (limits) => measured(host, name, protocol, limits),
    operated: (limits, options) => ServeProcess.start(command, name, limits, options),
  }
}

async function measured(host: URL, name: string, protocol: string, limits: Partial<Limits>): Promise<Measured> {
  const server = await startServer({ module: host, args: [name, '--protocol', protocol], limits })
  return {
    port: server.port,
    pid: server.pid ?? 0,
    statistics: () => server.statistics(),
    heldBytes: async () => (await server.memory()).heldBytes,
    resident: () => server.metrics(),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>

/** `switchyard serve`, with its log and its statistics. */
class ServeProcess implements Operated {
  readonly ended: Promise<number | null>
  readonly #child: Child
  #stdout = ''
  #stderr = ''

  private constructor(child: Child) {
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    const orphaned = (): void => void child.kill('SIGKILL')
    process.once('exit', orphaned)
    this.ended = new Promise((resolve) => {
      child.on('close', (code) => {
        process.off('exit', orphaned)
        resolve(code)
      })
    })
  }

  static async start(
    command: string,
    name: string,
    limits: Partial<Limits>,
    { port = 0, descriptorsMax }: OperatedOptions = {},
  ): Promise<ServeProcess> {
    const limiting = descriptorsMax === undefined ? '' : `ulimit -n ${descriptorsMax}; `
    const args = [command, 'serve', name, '--port', `${port}`, '--stats-port', '0', '--log-level', 'debug']
    const child = spawn('sh', ['-c', `${limiting}exec "$0" "$@"`, process.execPath, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environmentOf(limits) },
    })
    const server = new ServeProcess(child)
    try {
      await server.#listening()
      return server
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
  }

  get port(): number {
    return Number(/listens on .*:(\d+) \(pid/.exec(this.#stdout)?.[1])
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async statistics(): Promise<StatisticsSnapshot> {
    const at = /statistics at (\S+\/)/.exec(this.#stdout)?.[1] ?? ''
    const response = await fetch(`${at}stats`)
    const { statistics }: { statistics: StatisticsSnapshot } = JSON.parse(await response.text())
    return statistics
  }

  closes(): Close[] {
    const lines = this.#stderr.split('\n').filter((line) => line.includes('"msg":"connection closed"'))
    return lines.map((line): Close => JSON.parse(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.ended
  }

  async #listening(): Promise<void> {
    const timeout = AbortSignal.timeout(START_MS)
    while (!this.#stdout.includes('statistics at') || !this.#stdout.endsWith('\n')) {
      const over = once(this.#child, 'close', { signal: timeout }).then(() => {
        throw new Error(`the server ended before it listened: ${this.#stderr}`)
      })
      await Promise.race([once(this.#child.stdout, 'data', { signal: timeout }), over])
    }
  }
}
