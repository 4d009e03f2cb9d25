import type { Block, Pace } from './block.ts'
import type { Subject } from './subject.ts'
import type { Workload } from '../load/workloads.ts'

/** Grows when a reader of older files would misread newer ones. */
export const SCHEMA = 1

/** Everything about a run but its blocks: the content of `run.json`. */
export interface Run {
  readonly schema: typeof SCHEMA
  readonly made: {
    readonly at: string
    /** As typed, without the program. */
    readonly command: string
    readonly seed: number
    readonly pace: Pace
    readonly tookMs: number
    /** `running`: the process was killed; what it had is here. */
    readonly ended: Ended | 'running'
  }
  readonly machine: Machine
  readonly subjects: readonly SubjectFacts[]
  readonly workloads: readonly Workload[]
  /** What would have been measured too, and why it was not. */
  readonly absent: readonly string[]
}

export type Ended = 'complete' | 'out-of-time' | 'interrupted'

/** Without which no figure means anything. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly platform: string
  readonly kernel: string
  readonly node: string
  readonly v8: string
  /** Node's own options, of the command and from NODE_OPTIONS. */
  readonly flags: readonly string[]
  /** The checkout's commit, if there is a checkout. */
  readonly commit: string | null
  /** Whether files differed from that commit; null where nobody can say. */
  readonly dirty: boolean | null
  /** The first 12 digits of the SHA-256 of package-lock.json. */
  readonly lock: string | null
  /** Processes that wanted a core in the minute before. The figures are worth little if there were any. */
  readonly loadBefore: number
}

export interface SubjectFacts extends Pick<Subject, 'name' | 'kind' | 'dialect' | 'bounded' | 'twinOf'> {
  readonly conformance: Conformance
}

export type Conformance =
  | { readonly state: 'kept'; readonly summary: string }
  | { readonly state: 'broken'; readonly summary: string }
  /** Why the suite has no say. */
  | { readonly state: 'not-judged'; readonly summary: string }

/** A run as it is read back. */
export interface Results {
  readonly run: Run
  /** In the order in which they were measured. */
  readonly blocks: readonly Block[]
}
