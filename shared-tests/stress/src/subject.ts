import type { Guarantees } from '@switchyard/core'
import type { Dialect } from '@switchyard/harness'

/** A server that is judged. */
export type Subject = HostedSubject | ForeignSubject

interface Spoken {
  readonly name: string
  /** How its protocol's clients speak. */
  readonly dialect: Dialect
}

/** One that answers questions about itself: what it declares, and how a process of its own is started for it. */
export interface HostedSubject extends Spoken {
  readonly guarantees: Guarantees
  /** Clauses that it admits to failing. */
  readonly fails?: readonly string[]
  /** Path or file URL of a JavaScript module that calls `host` of `@switchyard/harness`. */
  readonly module: string | URL
  /** The module's `process.argv` from 2 on. */
  readonly args?: readonly string[]
}

/** One in whatever language, which declares nothing: `command` of `@switchyard/conformance` says how it is started. */
export interface ForeignSubject extends Spoken {
  readonly command: string
}
