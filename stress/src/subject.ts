import type { Guarantees } from '@switchyard/core'

/** A server that is judged: what it declares, and how a process of its own is started for it. */
export interface Subject {
  readonly name: string
  readonly guarantees: Guarantees
  /** Clauses that it admits to failing. */
  readonly fails?: readonly string[]
  /** Path or file URL of a JavaScript module that calls `host` of `@switchyard/bench`. */
  readonly module: string | URL
  /** The module's `process.argv` from 2 on. */
  readonly args?: readonly string[]
}
