import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../support.ts'

/** `switchyard serve`, with a page. */
export class ChatServer {
  readonly port: number
  readonly web: number
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, port: number, web: number) {
    this.#process = child
    this.port = port
    this.web = web
  }

  static async start(port: number, web: number): Promise<ChatServer> {
    const bin = join(root, 'cli/bin/switchyard.js')
    const args = [
      bin,
      'serve',
      'reactor',
      '--protocol',
      'chat',
      '--port',
      `${port}`,
      '--web',
      `${web}`,
      '--log-level',
      'silent',
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    for await (const line of createInterface(child.stdout)) {
      said += `${line}\n`
      const [, page] = /a page at http:\/\/127.0.0.1:(\d+)/.exec(line) ?? []
      if (page !== undefined) return new ChatServer(child, Number(/:(\d+) \(pid/.exec(said)?.[1]), Number(page))
    }
    throw new Error(`the server has ended: ${said}`)
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#process.kill(signal)
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'close')
  }
}
