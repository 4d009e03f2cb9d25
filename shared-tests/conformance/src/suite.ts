import type { Duplex } from 'node:stream'
import type { Limits, Pattern, Protocol, Random } from '@switchyard/core'
import type { Dialect } from '@switchyard/harness/portable'
import type { SimulatedProtocol } from '@switchyard/sim'
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

/** A limit of a protocol's own. As a flag it is `--idle-ms`, in the environment `SWITCHYARD_IDLE_MS`. */
export interface OptionSpec {
  /** In camelCase; a unit ends it. */
  readonly name: string
  /** For a list of flags, with its clause: `how long a connection may be idle (D1.7)`. */
  readonly meaning: string
  readonly default: number
  readonly range: readonly [min: number, max: number]
}

/** A figure of a protocol's own, for who operates a server of it. */
export interface MetricSpec {
  /** As Prometheus has it, without what all of a server's begin with: `chat_members`. */
  readonly name: string
  readonly kind: 'counter' | 'gauge'
  /** What the values are told apart by. Absent: there is one. */
  readonly label?: string
  readonly help: string
  /** Of a protocol that the suite has created. */
  read(protocol: Protocol): number | Readonly<Record<string, number>>
}

/** A protocol's own limits, by name. */
export type Options = Readonly<Record<string, number>>

/** What a protocol is made for: one server. */
export interface Given {
  readonly limits: Limits
  /** All of those that the suite lists. */
  readonly options: Options
  readonly random: Random
  /** Where the server listens; 0 where there are no ports. */
  readonly port: number
  /** Begins to shut the server down, once the step is over in which it is called. */
  readonly shutDown: () => void
  /** Hears of what an operator wants to read in a log. Must not throw. Absent: nobody reads. */
  readonly log?: (what: string, fields: Readonly<Record<string, string | number>>) => void
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
  /** Default: none. */
  readonly options?: readonly OptionSpec[]
  /** Default: none. */
  readonly metrics?: readonly MetricSpec[]
  /** How loads speak: what stress, bench and the like measure servers by. Absent: they can't. */
  readonly dialect?: Dialect
  /** Throws RangeError for limits out of range. */
  create(given: Given): Protocol
  /** What runs it: several servers of the pattern, joined. Absent: one. */
  servedBy?(pattern: Pattern): Pattern
  /** What must be durable before a protocol that the suite has created is answered for: `ServeOptions.commit`. Absent: nothing. */
  commitOf?(protocol: Protocol): (() => Promise<void> | undefined) | undefined
  /** Takes ownership of `stream`. */
  client(name: string, stream: Duplex, log?: ClientLog): C
  /** What its clients say in simulation, in which worlds, and what checks a run. Absent: it can't be explored. */
  readonly simulated?: SimulatedProtocol<unknown>
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

/** All options of a suite: those given, and the defaults of the others. Throws RangeError for a name or a number that it does not have. */
export function optionsOf({ options = [] }: Pick<Suite, 'options'>, given: Options = {}): Options {
  const unknown = Object.keys(given).find((name) => !options.some((option) => option.name === name))
  if (unknown !== undefined) throw new RangeError(`there is no option ${unknown}`)
  return Object.fromEntries(
    options.map(({ name, default: usual, range: [min, max] }) => {
      const value = given[name] ?? usual
      if (Number.isSafeInteger(value) && value >= min && value <= max) return [name, value]
      throw new RangeError(`${name} is ${value}: it must be a whole number from ${min} to ${max}`)
    }),
  )
}

/** The clause in front of a case's id. */
export function clauseIn(id: string): string {
  return id.slice(0, id.indexOf('-'))
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
