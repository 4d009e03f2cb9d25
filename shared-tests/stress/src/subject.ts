import type { Guarantees } from '@switchyard/core'

/** A server that is judged. */
export type Subject = HostedSubject | ForeignSubject

/** One that answers questions about itself: what it declares, and how a process of its own is started for it. */
export interface HostedSubject {
  readonly name: string
  readonly guarantees: Guarantees
  /** Clauses that it admits to failing. */
  readonly fails?: readonly string[]
  /** Path or file URL of a JavaScript module that calls `host` of `@switchyard/bench`. */
  readonly module: string | URL
  /** The module's `process.argv` from 2 on. */
  readonly args?: readonly string[]
}

/** One in whatever language, which declares nothing: `command` of `@switchyard/shared-tests` says how it is started. */
export interface ForeignSubject {
  readonly name: string
  readonly command: string
}
