import { constants, openSync, write } from 'node:fs'
import { Socket } from 'node:net'
import { Writable } from 'node:stream'

/** What is kept for a reader that does not keep up, bytes; lines beyond it are dropped, and counted. */
const WAITING_MAX = 1024 * 1024
/** Between two attempts to write to a terminal that takes nothing, ms. */
const RETRY_MS = 10
/** How long the last lines may take at the end, ms. */
const END_MS = 500

/**
 * stdout or stderr of a server that outlives both. Writing never waits and never fails, whether a pipe, a file or a
 * terminal is behind it: a line that can't be written is dropped, and counted. (Node's own streams wait for files and
 * terminals: one Ctrl-S would stop the server.)
 */
export class Output {
  readonly isTerminal: boolean
  readonly #stream: Writable
  #dropped = 0

  constructor(stream: NodeJS.WriteStream & { readonly fd: number }) {
    this.isTerminal = stream.isTTY
    const isPipe = stream instanceof Socket && !stream.isTTY
    const fd = isPipe ? undefined : stream.isTTY ? openWithoutWaiting(stream.fd) : stream.fd
    this.#stream = fd === undefined ? stream : writingTo(fd, (lines) => void (this.#dropped += lines))
    stream.removeAllListeners('error') // Elsewhere a command fails with its output; here each line that it costs is counted.
    this.#stream.on('error', () => {})
  }

  /** Lines that nobody will read. */
  get dropped(): number {
    return this.#dropped
  }

  write(line: string): void {
    if (this.#stream.writableLength > WAITING_MAX) this.#dropped++
    else this.#stream.write(line, (error) => void (error && this.#dropped++))
  }

  /** Settles when every line was written or dropped: true; or when one has waited for a while: false. */
  end(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), END_MS)
      this.#stream.write('', () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }
}

/**
 * A terminal of our own opening: whoever shares the other one, such as a shell, does not share its flags. Undefined where
 * this user may not open it (after `su`), or the system has no such path: then Node's stream, which waits, has to do.
 */
function openWithoutWaiting(fd: number): number | undefined {
  try {
    const path = process.platform === 'linux' ? `/proc/self/fd/${fd}` : '/dev/tty'
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}

/** One write at a time, by the thread pool: a slow disk delays no turn. A failed one is not the end: there may be room again. */
function writingTo(fd: number, lost: (lines: number) => void): Writable {
  const put = (lines: readonly Buffer[], done: () => void): void => {
    let rest = Buffer.concat(lines)
    const attempt = (): void =>
      write(fd, rest, 0, rest.length, null, (error, count) => {
        if (error?.code === 'EAGAIN') return void setTimeout(attempt, RETRY_MS)
        rest = rest.subarray(count)
        if (!error && rest.length > 0) return attempt()
        if (error) lost(lines.length)
        done()
      })
    attempt()
  }
  return new Writable({
    write: (line: Buffer, _encoding, done) => put([line], done),
    writev: (waiting, done) =>
      put(
        waiting.map(({ chunk }: { readonly chunk: Buffer }) => chunk),
        done,
      ),
  })
}
