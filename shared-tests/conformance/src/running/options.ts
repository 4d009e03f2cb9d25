import type { Case } from '../case.ts'
import type { Session } from '../session/session.ts'
import type { CaseResult } from './report.ts'

/** `basic`: what servers keep that promise no more than to route. */
export type Profile = 'full' | 'basic'

export interface VerifyOptions<C extends Session = Session> {
  /** Default: all of the suite's. */
  readonly cases?: readonly Case<C>[]
  readonly profile?: Profile
  /** Called with each result as it comes. */
  readonly onProgress?: (result: CaseResult, done: number, total: number) => void
  /** Ends the run early; what was not run says so. */
  readonly signal?: AbortSignal
  /** How many cases at a time, each against a server of its own. Default: the target's `atOnce`. */
  readonly concurrency?: number
  /**
   * How long a case may stand still before it has failed, ms; less once several have. Default: for a server in this process much;
   * for others what their own round trip makes likely, and the first failure of each cause is then repeated with much.
   */
  readonly stillMs?: number
  /** For who wants to know what to mend first: a case that would most likely show the first cause once more is not run. */
  readonly brief?: boolean
  /** How often each case is run. Default 1. */
  readonly repeat?: number
  /** Seed of the cases' random numbers. */
  readonly seed?: number
}
