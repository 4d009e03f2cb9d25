import type { Duplex } from 'node:stream'
import type { Limits, Protocol } from '@switchyard/core'
import type { Case } from './case.ts'
import type { Cause } from './diagnosis/cause.ts'
import type { CaseResult } from './running/report.ts'
import type { Session } from './session/session.ts'
import type { ClientLog } from './session/wire-log.ts'
import type { Target } from './targets/target.ts'

/** One rule of a specification. It quotes the sentences that bind, word for word without their markup. */
export interface Clause {
  /** `R3.2`: the protocol's letter, the section, the number within it. */
  readonly id: string
  /** As its heading has it: `3 Routing`. */
  readonly section: string
  readonly sentences: readonly string[]
  /** What binds a server has a case, what binds clients has the suite's own conduct. */
  readonly binds: 'server' | 'client'
}

/**
 * Everything that judges servers of one protocol, as data: a new protocol is a folder with a suite, and a line in
 * `protocols/index.ts`. `C` is how its clients speak: a `Session` that knows the protocol's messages.
 */
export interface Suite<C extends Session = Session> {
  /** As typed behind `--protocol`, in kebab-case. */
  readonly name: string
  /** Where the clauses stand: `docs/protocol.md`. */
  readonly specification: string
  /** In the specification's order; a section's clauses stand together. */
  readonly clauses: readonly Clause[]
  /** In the specification's order: a report reads from the simplest fault to the strangest. */
  readonly cases: readonly Case<C>[]
  /** The causes of failures that are known, the most useful first. Default: none. */
  readonly causes?: readonly Cause[]
  /** How a server greets a client that it lets in. Absent: it says nothing, and a connection is a client. */
  readonly admission?: Admission<C>
  /** Throws RangeError for limits out of range. */
  create(limits: Limits): Protocol
  /** Takes ownership of `stream`. */
  client(name: string, stream: Duplex, log?: ClientLog): C
  /** A look beyond the cases at a server that failed some. Returns what it has found, for signs to name. Never rejects. */
  examine?(target: Target, results: readonly CaseResult[]): Promise<readonly string[]>
}

/** How a client knows that it was let in. */
export interface Admission<C extends Session> {
  readonly clause: string
  /** What it is sent, as a sentence has it: `id`. */
  readonly what: string
  /** Settles when it has come: true; or when the connection has ended without a byte: false. */
  admitted(client: C): Promise<boolean>
}

/** Throws TypeError for an id that the specification does not have. */
export function clauseOf({ clauses }: Pick<Suite, 'clauses'>, id: string): Clause {
  const clause = clauses.find((candidate) => candidate.id === id)
  if (!clause) {
    throw new TypeError(`there is no clause ${id}: they go from ${clauses.at(0)?.id} to ${clauses.at(-1)?.id}`)
  }
  return clause
}

/** The specification's sections, in order. */
export function sectionsOf({ clauses }: Pick<Suite, 'clauses'>): readonly string[] {
  return [...new Set(clauses.map(({ section }) => section))]
}
