import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { portOf } from '@switchyard/core/tcp'
import { BenchError } from './errors.ts'
import type { CpuSample, Vitals } from './messages.ts'
import { sampleOf } from './process-group.ts'
import type { RunningSubject } from '../run/subject.ts'
import { within } from './within.ts'

const START_MS = 20_000
const BETWEEN_TRIES_MS = 20
/** Between SIGTERM and SIGKILL. */
const STOP_MS = 2_000
const STDERR_TAIL_CHARACTERS = 2_000

/** File descriptor 3 ends when this process does, whatever ended it; then the group has nobody to measure it any more. */
const DIE_WITH_PARENT = '( read -r _ <&3; kill -KILL 0 ) & exec 3<&-'

/**
 * A server that is not ours, by the command that starts it: `{port}` says where it shall listen. Settles when it accepts
 * connections; rejects with BenchError if it never does.
 */
export async function startPeer(command: string): Promise<RunningSubject> {
  const peer = new Peer(command, await freePort())
  try {
    await peer.listening()
    return peer
  } catch (error) {
    await peer[Symbol.asyncDispose]()
    throw error
  }
}

/** A shell and all that it starts: one process group, so that nothing survives, and all of it is counted. */
class Peer implements RunningSubject {
  readonly port: number
  readonly facts: undefined
  readonly ended: Promise<string>
  readonly #child: ChildProcess
  #stderr = ''
  #peakRssBytes = 0

  constructor(command: string, port: number) {
    this.port = port
    this.#child = spawn(`${DIE_WITH_PARENT}\n${command.replaceAll('{port}', `${port}`)}`, {
      shell: true,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    })
    const orphaned = (): void => this.#kill('SIGKILL')
    process.once('exit', orphaned)
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_TAIL_CHARACTERS)
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`failed: ${error.message}`))
      this.#child.once('exit', (code, signal) => {
        process.off('exit', orphaned)
        const how = signal ? `was ended by ${signal}` : `exited with code ${code}`
        resolve(this.#stderr.trim() === '' ? how : `${how} after it wrote:\n${this.#stderr.trim()}`)
      })
    })
  }

  async listening(): Promise<void> {
    const until = performance.now() + START_MS
    while (performance.now() < until) {
      if (await accepts(this.port)) return
      const how = await within(BETWEEN_TRIES_MS, this.ended)
      if (how !== undefined) throw new BenchError('server-failed', `the server process ${how}`)
    }
    throw new BenchError('server-failed', `the server process did not listen within ${START_MS / 1000} seconds`)
  }

  /** Counted in hundredths of a second, so a measured time of one second has an error of a percent. */
  async cpu(): Promise<CpuSample> {
    const sample = await this.#sample()
    return { cpuMicros: sample?.cpuMicros ?? Number.NaN, atMs: performance.now() }
  }

  async vitals(): Promise<Vitals> {
    const sample = await this.#sample()
    this.#peakRssBytes = Math.max(this.#peakRssBytes, sample?.rssBytes ?? 0)
    return {
      loopDelayMs: null,
      collectingMs: null,
      rssBytes: sample?.rssBytes ?? 0,
      peakRssBytes: this.#peakRssBytes,
    }
  }

  async memory(): Promise<null> {
    return null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill('SIGTERM')
    await within(STOP_MS, this.ended)
    this.#kill('SIGKILL')
    await this.ended
  }

  #sample(): ReturnType<typeof sampleOf> {
    return this.#child.pid === undefined ? Promise.resolve(null) : sampleOf(this.#child.pid)
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch {
      // Nobody of the group is left.
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const done = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
}

/** It was free a moment ago, which is all that can be said of it. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const port = portOf(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
