import { COMMON_GUARANTEES } from '@switchyard/core'
import { CLAUSES } from '@switchyard/protocols/router/suite'
import type { Case } from '@switchyard/conformance'

/** A clause or a guarantee: `R3.2`, `G4`. */
export type Column = string

/** What has to be broken by something: every clause that binds a server, and every guarantee. */
export const COLUMNS: readonly Column[] = [
  ...CLAUSES.filter(({ binds }) => binds === 'server').map(({ id }) => id),
  ...COMMON_GUARANTEES,
]

/** A part of what is reported; a pattern where chance decides which words it takes. */
export type Reason = string | RegExp

/** By which check a fault is to be seen, and what that check then reports; as the header of the file says it. */
export interface Sight {
  readonly column: Column
  /** A conformance case's id, or one of the simulator's judges. */
  readonly by: string
  readonly reason: Reason
  /** From another fault of the same server: it shows what that one costs, and nothing of the checks of this column. */
  readonly follows?: true
}

/** A server that is judged: a mutant has one fault, a variant the failures and prices that it declares. */
export interface Row {
  readonly name: string
  readonly kind: 'mutant' | 'variant'
  readonly file: string
  readonly sights: readonly Sight[]
}

/** One check that a server did not pass. */
export interface Kill {
  readonly column: Column
  readonly by: string
  readonly message: string
}

export interface JudgedRow extends Row {
  readonly kills: readonly Kill[]
}

/** The kill that a sight speaks of; undefined if its check passed, or failed for another reason. */
export function killOf({ kills }: JudgedRow, { column, by, reason }: Sight): Kill | undefined {
  return kills.find((kill) => kill.column === column && kill.by === by && speaksOf(kill.message, reason))
}

export function speaksOf(text: string, reason: Reason): boolean {
  return typeof reason === 'string' ? text.includes(reason) : reason.test(text)
}

/** What is wrong with the proof, one line each; nothing, if every check catches what it is there for. */
export function problemsOf(rows: readonly JudgedRow[], columns: readonly Column[] = COLUMNS): readonly string[] {
  return [...rows.flatMap(survivals), ...rows.flatMap(undeclared), ...unbroken(rows, columns)]
}

/** How many rows a case catches of those with a fault of its clause: 0 for a case that proves nothing here. */
export function catches({ clause, id }: Case, rows: readonly JudgedRow[]): number {
  return rows.filter(
    ({ sights, kills }) =>
      sights.some(({ column, follows }) => column === clause && !follows) &&
      kills.some(({ column, by }) => column === clause && by === id),
  ).length
}

/** The columns that no row breaks in the way that it names. */
export function unbroken(rows: readonly JudgedRow[], columns: readonly Column[] = COLUMNS): readonly string[] {
  const broken = new Set(
    rows.flatMap((row) =>
      row.sights.filter((sight) => !sight.follows && killOf(row, sight)).map(({ column }) => column),
    ),
  )
  return columns.filter((column) => !broken.has(column)).map((column) => `${column}: nothing breaks it`)
}

function survivals(row: JudgedRow): readonly string[] {
  if (row.kind === 'mutant' && row.sights.length === 0) return [`${row.name}: names nothing that it breaks`]
  return row.sights
    .filter((sight) => !killOf(row, sight))
    .map(({ column, by, reason }) => {
      const seen = row.kills.find((kill) => kill.column === column && kill.by === by)
      const what = seen ? `for another reason than "${String(reason)}": ${seen.message}` : 'never: it survives'
      return `${row.name}: ${column}, by "${by}", is broken ${what}`
    })
}

/** A mutant may break more than it names. Of a variant the same is true of clauses: one that loses messages fails many cases. */
function undeclared({ name, kind, sights, kills }: JudgedRow): readonly string[] {
  if (kind === 'mutant') return []
  return kills
    .filter(({ column }) => isGuarantee(column) && !sights.some((sight) => sight.column === column))
    .map(({ column, by, message }) => `${name}: breaks ${column}, which it declares: "${by}": ${message}`)
}

function isGuarantee(column: Column): boolean {
  return COMMON_GUARANTEES.some((id) => id === column)
}
