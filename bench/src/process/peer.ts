import { Command, cpuMicrosOf, rssBytesOf, ServerFailed } from '@switchyard/harness'
import type { CpuSample, ProcessMetrics } from '@switchyard/harness'
import type { RunningSubject } from '../run/subject.ts'

/**
 * A server that is not ours, by the command that starts it: `{port}` says where it shall listen. Settles when it accepts
 * connections; rejects with ServerFailed if it never does.
 */
export async function startPeer(line: string): Promise<RunningSubject> {
  const command = await Command.start(line)
  const instead = await command.listening()
  if (instead === undefined) return new Peer(command)
  const why = command.over ? command.obituary() : instead
  await command.kill()
  throw new ServerFailed(`the server process ${why}`)
}

/** All that the command started is counted. */
class Peer implements RunningSubject {
  readonly facts: undefined
  readonly ended: Promise<string>
  readonly #command: Command
  #peakRssBytes = 0

  constructor(command: Command) {
    this.#command = command
    this.ended = command.gone.then(() => command.obituary())
  }

  get port(): number {
    return this.#command.port
  }

  async cpu(): Promise<CpuSample> {
    return { cpuMicros: cpuMicrosOf(this.#command.pid) ?? Number.NaN, atMs: performance.now() }
  }

  async metrics(): Promise<ProcessMetrics> {
    const rssBytes = rssBytesOf(this.#command.pid)
    this.#peakRssBytes = Math.max(this.#peakRssBytes, rssBytes)
    return { loopDelayMs: null, collectingMs: null, rssBytes, peakRssBytes: this.#peakRssBytes }
  }

  async memory(): Promise<null> {
    return null
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#command[Symbol.asyncDispose]()
  }
}
