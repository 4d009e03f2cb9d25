import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { pids, read } from '../proc/files.ts'
import { cpuMicrosOfProcesses } from '../proc/group-usage.ts'
import { isGone, listensOn, ownerOf, parentOf, portsOf } from '../proc/listeners.ts'
import { settlesWithin, wait } from '../waiting.ts'
import { Ending } from './ending.ts'
import { freePort } from './free-port.ts'

/** How long a command may take until it listens, ms. */
const READY_MS = 15_000
const BETWEEN_LOOKS_MS = 15
/** How long it may listen at another address before it does at 127.0.0.1, ms. */
const ELSEWHERE_MS = 1_500
/** Between SIGTERM and SIGKILL, where the end is not what is judged, ms. */
const END_MS = 2_000
/** How long a wrapper may go on when the server that it had started is gone, ms. */
const WRAPPER_MS = 2_000
/** How long a server may take to close the connection that asked whether it listens, ms. */
const CLOSE_MS = 1_000
/** A shell's exit code for a command that SIGTERM ended. */
const SIGTERM_EXIT = 128 + 15
/** Every process that a command starts inherits it, whatever group it joins; so all of them are found in the end. */
const MARK = 'SWITCHYARD_STARTED'

/**
 * Waits in the background, as nobody's child, so that no shell waits for it: its input ends when this process does, whatever
 * ended it. Then it kills all that bear the mark, and the group, which is its own too.
 */
const WATCH = `trap "" TERM INT HUP QUIT; read -r _
for each in /proc/[0-9]*; do
  if [ "$each" != "/proc/$$" ] && grep -qaF "$0" "$each/environ"; then kill -KILL "\${each#/proc/}"; fi
done
kill -KILL 0`
const DIE_WITH_PARENT = `( sh -c '${WATCH}' "${MARK}=$${MARK}" <&3 >/dev/null 2>&1 & )
exec 3<&-`

/** How a command ended that was asked to: the server's own process, or what had started it, which may have its own idea of it. */
export type ShutDown =
  | { readonly state: 'ended'; readonly how: string; readonly ok: boolean; readonly bySigterm: boolean }
  /** The server's process is gone, and the command around it says something else, or goes on. */
  | { readonly state: 'wrapper'; readonly how: string }

/**
 * A server that a command line starts, a shell's: `{port}` in it, and SWITCHYARD_PORT, say where it shall listen. What stands
 * around the server (npx, npm, make, a script, `timeout`) is the user's affair: signals go to the process that owns the
 * listening socket alone, and in the end all that was started is gone.
 */
export class Command implements AsyncDisposable {
  /** All that have to go when this process does: they share one listener. */
  static readonly #started = new Set<Command>()

  static {
    process.once('exit', () => {
      for (const each of Command.#started) each.#killAll()
    })
  }

  readonly line: string
  readonly port: number
  readonly #child: ChildProcess
  readonly #ending: Ending
  readonly #mark: string

  private constructor(line: string, port: number, environment: Readonly<Record<string, string>>) {
    this.line = line
    this.port = port
    this.#mark = randomUUID()
    this.#child = spawn(`${DIE_WITH_PARENT}\n${line.replaceAll('{port}', `${port}`)}`, {
      shell: true,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment, SWITCHYARD_PORT: `${port}`, [MARK]: this.#mark },
    })
    this.#ending = new Ending(this.#child)
    Command.#started.add(this)
  }

  /** Does not wait until it listens. */
  static async start(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Command> {
    return new Command(line, await freePort(), environment)
  }

  /** The id of the shell and of the process group that it leads; undefined if there is none. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Settles, and never rejects, when the shell is gone. */
  get gone(): Promise<void> {
    return this.#ending.gone
  }

  get over(): boolean {
    return this.#ending.over
  }

  /** The end of a sentence: how it ended, if it has. */
  how(): string {
    return this.#ending.how()
  }

  obituary(): string {
    return this.#ending.obituary()
  }

  /** What it wrote to stderr: the first lines and the last ones, fit for a terminal. */
  lines(): readonly string[] {
    return this.#ending.lines()
  }

  /**
   * Settles when it listens: with nothing; or with what came instead, as the end of a sentence. Where the system tells who
   * listens, no connection is made: a server is judged from its first client on. Elsewhere the question is that client.
   */
  async listening(): Promise<string | undefined> {
    const told = listensOn(this.port) !== null
    let elsewhereMs = 0
    for (let waited = 0; waited < READY_MS && elsewhereMs < ELSEWHERE_MS; waited += BETWEEN_LOOKS_MS) {
      if (this.over) return this.#ended()
      const listens = told ? listensOn(this.port) : (await this.#answers()) ? 'yes' : 'no'
      if (listens === 'yes') return undefined
      if (listens === 'elsewhere') elsewhereMs += BETWEEN_LOOKS_MS
      await settlesWithin(BETWEEN_LOOKS_MS, this.gone)
    }
    if (elsewhereMs >= ELSEWHERE_MS) return 'listens at another address than 127.0.0.1'
    // What listens may be in another network namespace, as a container is.
    if (await this.#answers()) return undefined
    const ports = portsOf(this.pid)
    const instead = ports.length === 0 ? '' : `, but on port ${ports.join(', ')}`
    return `did not listen within ${READY_MS / 1000} seconds${instead}`
  }

  /** CPU time of the server's process, whatever stands around it; null where that is not known. */
  cpuMicros(): number | null {
    const owner = this.#owner()
    return owner === undefined ? null : cpuMicrosOfProcesses([owner])
  }

  /** Sends SIGTERM to the server, and settles when it is gone: for whoever judges how. */
  async shutDown(): Promise<ShutDown> {
    const owner = this.#owner()
    this.#signal('SIGTERM', owner)
    if (owner !== undefined && this.#isWrapped(owner)) return this.#wrapped(owner)
    await this.gone
    return { state: 'ended', how: this.how(), ok: this.#child.exitCode === 0, bySigterm: this.#bySigterm }
  }

  /** Whatever it takes, and with all that it started. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.over) {
      this.#signal('SIGTERM', this.#owner())
      await settlesWithin(END_MS, this.gone)
    }
    await this.kill()
  }

  /** At once, and all that it started. */
  async kill(): Promise<void> {
    this.#killAll()
    await this.gone
    Command.#started.delete(this)
  }

  /** It, or its shell for it, says that the signal ended it. */
  get #bySigterm(): boolean {
    return this.#child.signalCode === 'SIGTERM' || this.#child.exitCode === SIGTERM_EXIT
  }

  async #ended(): Promise<string> {
    await this.gone
    return this.how()
  }

  async #wrapped(owner: number): Promise<ShutDown> {
    while (!isGone(owner)) await wait(BETWEEN_LOOKS_MS)
    if (!(await settlesWithin(WRAPPER_MS, this.gone))) {
      return { state: 'wrapper', how: `was still running ${WRAPPER_MS / 1000} seconds later` }
    }
    if (this.#child.exitCode === 0) return { state: 'ended', how: this.how(), ok: true, bySigterm: false }
    return { state: 'wrapper', how: this.how() }
  }

  /** Whether other processes than the shell stand between this one and the server. */
  #isWrapped(owner: number): boolean {
    return owner !== this.pid && parentOf(owner) !== this.pid
  }

  /** The server's own process; undefined where that is not known, or where somebody else has taken the port: that is not ours to end. */
  #owner(): number | undefined {
    const owner = ownerOf(this.port, this.pid)
    return owner !== undefined && (this.#isMarked(owner) || this.#isAncestorOf(owner)) ? owner : undefined
  }

  #isMarked(pid: number): boolean {
    return read(`/proc/${pid}/environ`).includes(`${MARK}=${this.#mark}`)
  }

  /** Tells where `env -i` or `sudo` took the mark off. */
  #isAncestorOf(pid: number): boolean {
    for (let each = pid; each > 1; each = parentOf(each)) if (each === this.pid) return true
    return false
  }

  /** To the server; to the group, if it is not known who that is. */
  #signal(signal: NodeJS.Signals, owner: number | undefined): void {
    if (owner !== undefined) kill(owner, signal)
    else if (this.pid !== undefined) kill(-this.pid, signal)
  }

  #killAll(): void {
    const owner = this.#owner() // Before its parents are gone.
    if (this.pid !== undefined) kill(-this.pid, 'SIGKILL')
    if (owner !== undefined) kill(owner, 'SIGKILL')
    for (const pid of pids()) if (this.#isMarked(pid)) kill(pid, 'SIGKILL')
  }

  /** Connects, leaves, and waits until the server has seen it leave: a case may count connections. */
  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: this.port, allowHalfOpen: true })
      socket.once('error', () => resolve(false)) // Nobody listens yet.
      socket.once('connect', () => {
        const closed = new Promise<void>((seen) => void socket.once('close', () => seen()))
        socket.on('error', () => {}) // However it ends, it did answer.
        socket.resume().end()
        void settlesWithin(CLOSE_MS, closed).then(() => {
          socket.destroy()
          resolve(true)
        })
      })
    })
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}
