/** What is asked of a worker, and what it answers: the page knows no more of an experiment. */

/** So many schedules take some seconds, and are enough for every exercise. */
export const SCHEDULES = 2_000

/** So many failures say what is wrong. */
export const FAILURES_MAX = 5

/** Shrinking is ended after so long, ms, with the smallest that it has: most take a second, some a minute. */
export const SHRINK_MS = 8_000

export type Task = 'judge' | 'explore'

/** What is asked of one worker. */
export interface Asked {
  readonly task: Task
  /** The file that was edited, and what stands in it now. */
  readonly path: string
  readonly text: string
  /** Which part of the cases or schedules: `index` of `of`. */
  readonly index: number
  readonly of: number
}

/** How far it is. */
export interface Beat {
  readonly done: number
  readonly total: number
  readonly shrinking: boolean
}

export interface Failed {
  readonly id: string
  readonly clause: string
  readonly name: string
  readonly message: string
}

export interface Judged {
  readonly kind: 'judged'
  readonly passed: number
  readonly failed: readonly Failed[]
  /** After so many failures the rest is not run. */
  readonly notRun: number
}

export interface ExploredHere {
  readonly kind: 'explored'
  readonly schedules: number
  readonly found: {
    readonly clause: string
    readonly message: string
    readonly line: string
    readonly chart: string
    /** What happens until then. */
    readonly events: number
    /** Nothing can be taken away any more; else shrinking was ended. */
    readonly minimal: boolean
  } | null
}

export type Verdict = Judged | ExploredHere

/** One verdict of the parts, in their order. Of what parts have found, the first is told: the same as if one had looked at all. */
export function merged(parts: readonly Verdict[]): Verdict {
  const explored = parts.filter((part) => part.kind === 'explored')
  if (explored.length > 0) {
    const first = explored.findIndex(({ found }) => found !== null)
    const looked = first === -1 ? explored : explored.slice(0, first + 1)
    const schedules = looked.reduce((sum, part) => sum + part.schedules, 0)
    return { kind: 'explored', schedules, found: explored[first]?.found ?? null }
  }
  const judged = parts.filter((part) => part.kind === 'judged')
  return {
    kind: 'judged',
    passed: judged.reduce((sum, { passed }) => sum + passed, 0),
    failed: judged.flatMap(({ failed }) => failed).slice(0, FAILURES_MAX),
    notRun: judged.reduce((sum, { notRun }) => sum + notRun, 0),
  }
}
