import type { Limits, Random, Role, StatisticsSnapshot } from '@switchyard/core'
import type { FailureCode } from './failed.ts'
import type { Session } from './session/session.ts'
import type { Options } from './suite.ts'

/**
 * What a case asks of its target. `wire`: connections; `limits`: a server started with limits of the case's choice;
 * `signal`: a way to shut it down; `statistics`: a look inside, and time that the case moves; `roles`: connections of which
 * the listener says what the case wants.
 */
export type Need = 'wire' | 'limits' | 'signal' | 'statistics' | 'roles'

/**
 * One proof of one clause, as data. It knows no test framework, no socket and no timer: all that it does goes through
 * its context, so that one case runs on TCP, against another process, and on a simulated network.
 */
export interface Case<C extends Session = Session> {
  /**
   * The clause, and a few words: `R3.2-order-of-a-pair`. Unique within the suite, and stable: mutants, causes, expectations and
   * reports of other days name the case by it, so that its sentence can be mended.
   */
  readonly id: string
  readonly clause: string
  /** What the server does when it keeps the clause; unique within the suite. */
  readonly name: string
  readonly needs: readonly Need[]
  /** Part of `--profile basic`: nobody disconnects, nothing is limited. */
  readonly basic?: true
  /** Where they differ from the defaults. */
  readonly limits?: Partial<Limits>
  /** The same of the protocol's own options. Needs `limits`. */
  readonly options?: Options
  /** Throws Failed, or an expectation of its clients does. */
  run(context: CaseContext<C>): Promise<void>
}

/** A fault for a protocol's own code, in place of a sound passage, which a case has to catch. */
export interface PlantedFault {
  /** In kebab-case. */
  readonly id: string
  /** What it does: a sentence. */
  readonly says: string
  /** The case that catches it. */
  readonly case: string
  /** In `protocols/<name>/src`. */
  readonly file: string
  /** Occurs once in the file. */
  readonly find: string
  readonly replace: string
}

/** The same in one line of a list. */
export function plantedFault(
  id: string,
  says: string,
  caught: string,
  file: string,
  [find, replace]: readonly [find: string, replace: string],
): PlantedFault {
  return { id, says, case: caught, file, find, replace }
}

/** One server, fresh or shared, as a case sees it. */
export interface CaseContext<C extends Session = Session> {
  /** The limits that the server runs with. */
  readonly limits: Limits
  /** Seeded: the same in every run of this case, unless the run was given another seed. */
  readonly random: Random

  /** A client that was let in. To give it a role needs `roles`. */
  connect(name?: string, role?: Role): Promise<C>
  /** A connection from which nothing has been read yet. */
  connectSilently(name?: string, role?: Role): Promise<C>

  /** Lets the server's time pass: it is moved where it is virtual, and waited for where it is real. */
  pass(ms: number): Promise<void>
  /**
   * Waits until nothing moves any more: whoever is stalled is stalled. On real sockets that is a guess, a good one; so a
   * case may find less than it waited for, and must not fail for it.
   */
  settled(): Promise<void>
  /** Settles with `promise`. Throws Failed, with `code`, if that takes more than `ms` of the server's time. Default: `late`. */
  within<T>(ms: number, what: string, promise: Promise<T>, code?: FailureCode): Promise<T>

  /** Needs `statistics`. */
  statistics(): StatisticsSnapshot
  /** Settles when the server's statistics fulfil `predicate`. Needs `statistics`. */
  until(what: string, predicate: (statistics: StatisticsSnapshot) => boolean): Promise<void>
  /** The largest value so far of something in the statistics, looked at in every turn from now on. Needs `statistics`. */
  highest(of: (statistics: StatisticsSnapshot) => number): () => number
  /** Whether a server with these limits refuses to be made, by RangeError. Needs `statistics`. */
  refusesLimits(limits: Partial<Limits>): Promise<boolean>

  /** Begins to shut the server down. Settles at its end; rejects with Failed if a process ends other than with 0. Needs `signal`. */
  shutdown(): Promise<void>
}
