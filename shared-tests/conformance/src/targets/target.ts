import type { Duplex } from 'node:stream'
import type { Limits, Role, StatisticsSnapshot } from '@switchyard/core'
import type { Look } from '../standstill.ts'
import type { Case, Need } from '../case.ts'

/** Something that can be judged. Disposing of it ends what it started. */
export interface Target extends AsyncDisposable {
  /** For reports: `mutex`, `localhost:4000`, `node server.js {port}`. */
  readonly name: string
  readonly offers: readonly Need[]
  /** How many servers of it may run at a time. Default 1. */
  readonly atOnce?: number
  /** Clauses that it admits to failing. */
  readonly fails?: readonly string[]
  /** A server for one case: a new one, or one that earlier cases left in order. Rejects with Unreachable, or RangeError for limits. */
  open(limits: Limits, forCase?: Wishes): Promise<Site>
  /** What was noticed of it so far beside the cases, for signs to name. */
  findings?(): readonly string[]
}

/** What a case asks of the server that it is run against. */
export type Wishes = Pick<Case, 'needs' | 'limits' | 'options'>

/** A server that runs, as one case's context uses it. */
export interface Site {
  /** Rejects with Unreachable. A role is for sites that offer `roles`. */
  connect(role?: Role): Promise<Duplex>
  /** Lets the server's time pass, ms; real time may stop as soon as `until` settles. */
  pass(ms: number, until?: Promise<unknown>): Promise<void>
  /** Settles when nothing moves any more; `progress` changes with whatever moves on the clients' side. */
  settled(progress: () => string): Promise<void>
  /** How long, in real time, something that is due may take to become visible, ms. */
  readonly patienceMs: number
  /** Ends the use by this case, after its clients have left. `spoilt` if the next one should not find this server. Rejects with Failed. */
  release(spoilt: boolean): Promise<void>
  /** What it has to say about a case that failed: who waits for whom, the last lines of stderr. */
  account(): string | Promise<string>

  statistics?(): StatisticsSnapshot
  /** Who waits for whom in it, and how far it has got: two of these tell stuck from slow. */
  look?(): Look
  /** Calls `look` in every turn from the next one on, until the answer is called. */
  everyTurn?(look: () => void): () => void
  shutdown?(): Promise<void>
  /** CPU time of its process since it began; null where that is not known. */
  cpuMicros?(): number | null
  /** Whether it has ended though nobody asked it to, where that can be known. */
  ended?(): boolean
}

/** No server answers there: nothing can be said about it. */
export class Unreachable extends Error {
  readonly code = 'UNREACHABLE'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unreachable'
  }
}

/**
 * As `target.open`; once `signal` is aborted nobody waits for it any more. Rejects with Unreachable then, and ends the server when
 * it comes after all.
 */
export async function openUnlessAborted(
  target: Target,
  limits: Limits,
  { forCase, signal }: { readonly forCase?: Wishes; readonly signal?: AbortSignal | undefined },
): Promise<Site> {
  const opening = target.open(limits, forCase)
  if (!signal) return opening
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Unreachable('the run was ended'))
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([opening, aborted])
  } catch (error) {
    opening.then((site) => site.release(true)).catch(() => {}) // Nobody uses it; how it ends is nobody's concern.
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
