import { pino } from 'pino'
import type { Logger } from 'pino'

/** From most to least; `silent` is none at all. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What is kept for a reader of the log who does not keep up, bytes; what comes beyond it is dropped, and counted. */
const WAITING_MAX = 1024 * 1024
/** How long the last lines may take at the end, ms. */
const END_MS = 500

/**
 * One JSON object a line. Writing never waits: whoever reads the log must not be able to stall the server, so lines are
 * dropped instead. (pino's own destinations do wait for a pipe: the loop, or a thread that then keeps the process from
 * ending.)
 */
export class Log {
  readonly logger: Logger
  readonly #stream: NodeJS.WriteStream
  #dropped = 0

  constructor(level: LogLevel, stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
    stream.on('error', () => {}) // Nobody reads any more, and there is no other place to say so.
    const options = {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
    }
    this.logger = pino(options, { write: (line) => this.#write(line) })
  }

  /** Lines that nobody will read. */
  get dropped(): number {
    return this.#dropped
  }

  /** Settles when the last line is written: true; or when nobody has read it for a while: false. */
  end(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), END_MS)
      this.#stream.write('', () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }

  #write(line: string): void {
    if (this.#stream.writableLength > WAITING_MAX) this.#dropped++
    else this.#stream.write(line)
  }
}
