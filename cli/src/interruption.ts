import { EXIT } from './exit.ts'

/**
 * A signal that comes sooner after the first one is the same wish, ms: one Ctrl-C reaches a process from its terminal, and
 * once more through npx and a shell.
 */
const SAME_WISH_MS = 1_000

/** SIGHUP too, for a terminal that was closed: by its default the process would end at once, and leave what it had started. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Why work was broken off. */
class Interrupted extends Error {
  readonly code = 'interrupted'
}

/** What signals come from, and who ends the process: `process`, but for tests. */
interface Signalled {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  exit(code: number): void
}

/**
 * The policy of every command for signals that ask it to end. The first one asks. One that comes a second later, or after
 * that, does not ask: the process exits, at which whatever it has started is killed.
 */
export class Interruption implements Disposable {
  /** The first signal's name. */
  readonly asked: Promise<NodeJS.Signals>
  readonly #signalled: Signalled
  readonly #controller = new AbortController()
  readonly #received: (signal: NodeJS.Signals) => void

  /** `exitCode` is that of a second signal. */
  constructor(
    exitCode: number = EXIT.undecided,
    signalled: Signalled = process,
    now: () => number = () => performance.now(),
  ) {
    this.#signalled = signalled
    let ask: (signal: NodeJS.Signals) => void
    this.asked = new Promise((resolve) => (ask = resolve))
    let askedAt: number | undefined
    this.#received = (signal) => {
      if (askedAt === undefined) {
        askedAt = now()
        ask(signal)
        this.#controller.abort(new Interrupted(`interrupted by ${signal}`))
      } else if (now() - askedAt >= SAME_WISH_MS) signalled.exit(exitCode)
    }
    for (const signal of SIGNALS) signalled.on(signal, this.#received)
  }

  /** Aborted by the first signal, with an Error that says which. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#signalled.off(signal, this.#received)
  }
}

/** An action that can be broken off: whatever it says of what it has done, its exit code is 2. */
export function interruptible<Args extends readonly unknown[]>(
  action: (signal: AbortSignal, ...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    using interruption = new Interruption()
    const { signal } = interruption
    try {
      await action(signal, ...args)
    } catch (error) {
      if (error !== signal.reason) throw error
      process.stderr.write(`${signal.reason.message}\n`)
    }
    if (!signal.aborted) return
    process.exitCode = EXIT.undecided
    process.stdout.write('', () => process.exit()) // What was broken off may have left a timer.
  }
}

/** An action that has nothing to say before its end: the first signal ends it, and what it has started, with exit code 2. */
export function interruptibleAtOnce<Args extends readonly unknown[]>(
  action: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const leave = (): never => process.exit(EXIT.undecided)
    for (const signal of SIGNALS) process.on(signal, leave)
    await action(...args)
  }
}
