import type { AwaitedKind, FailureCode } from '../failed.ts'

/** Failures that have all of what is given. */
export interface Like {
  /** One of these. */
  readonly codes?: readonly FailureCode[]
  /** Where the first byte that differs stands. */
  readonly at?: 'first' | 'later'
  /** How many bytes came where others were expected. */
  readonly received?: 'nothing' | 'more'
  /** Some client, of these, waited for this when nothing moved any more. */
  readonly awaits?: AwaitedKind
  readonly by?: readonly string[]
  /** The same client had bytes that no expectation took, or had none. */
  readonly untaken?: 'nothing' | 'something'
  /** The server's process ended by itself. */
  readonly exited?: true
  /** This client met a FIN or a reset. */
  readonly cutOff?: string
}

/** Some of a run's failures: of any of these cases, of any of these clauses, like any of `like`, and like none of `unless`. */
export interface Failures {
  /** By their ids. */
  readonly cases?: readonly string[]
  readonly clauses?: readonly string[]
  readonly like?: readonly Like[]
  readonly unless?: readonly Like[]
}

/** Something that a run shows. */
export type Sign =
  | { readonly kind: 'passes'; readonly case: string }
  | ({ readonly kind: 'fails' } & Failures)
  /** Something that a look beyond the cases has found (`Suite.examine`, or the runner's own). */
  | { readonly kind: 'found'; readonly finding: string }
  /** What the server itself has written to stderr: that prose is its own. */
  | { readonly kind: 'last-words'; readonly says: RegExp }

/** One fault that servers have, and how to recognise it from outside: data, so that it can be listed, tested and extended. */
export interface Cause {
  readonly id: string
  /** What the server does, as a sentence without a full stop. */
  readonly title: string
  /** How it comes about, and what it looks like to a client. */
  readonly looksLike: string
  readonly toDo: string
  readonly clause: string
  /** Any of these sets, all of whose signs a run shows. */
  readonly signs: readonly (readonly Sign[])[]
  /** Failures that it accounts for, so that they need no other explanation. */
  readonly explains: readonly Failures[]
  /** Worth a line even where another cause accounts for all that shows it: it will be there when that one is mended. */
  readonly apart?: true
  /** Worth saying even where no case failed for it. */
  readonly suspicion?: true
  /** `switchyard explain` shows who waits for whom. */
  readonly stall?: true
}
