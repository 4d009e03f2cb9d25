import { GUARANTEES } from '@switchyard/core'
import type { Suite } from '../suite.ts'
import { distance } from 'fastest-levenshtein'

/** A file of expectations is wrong: says what, where in it, and what to do. */
export class MalformedExpectations extends Error {
  readonly code = 'malformed-expectations'
}

/** What an entry is about. Ids of cases, clauses and guarantees never coincide. */
export type SubjectKind = 'case' | 'clause' | 'guarantee'
export type Expected = 'pass' | 'fail' | 'flaky'

export interface Expectation {
  readonly kind: SubjectKind
  /** `R5.3`, `R5.3-stalled-aborted`, `G3`. */
  readonly subject: string
  readonly expect: Expected
  readonly reason: string
  readonly link?: string
  /** Where it stands in its file: `expectations[2]`. */
  readonly place: string
}

/** What is known about a server beforehand. */
export type Expectations = readonly Expectation[]

const KINDS: readonly SubjectKind[] = ['case', 'clause', 'guarantee']
const OUTCOMES: readonly Expected[] = ['pass', 'fail', 'flaky']
const KEYS: readonly string[] = [...KINDS, 'expect', 'reason', 'link']
const EXAMPLE = '{ "clause": "R5.3", "expect": "fail", "reason": "no write deadline yet" }'

/**
 * Reads `{ "expectations": [{ "clause" | "case" | "guarantee": ..., "expect": "pass" | "fail" | "flaky", "reason": ...,
 * "link"?: ... }] }`. Throws MalformedExpectations.
 */
export function readExpectations(suite: Suite, text: string): Expectations {
  const whole = parse(text)
  if (!isObject(whole) || !Array.isArray(whole['expectations'])) {
    throw new MalformedExpectations(`it must be an object with a list: { "expectations": [${EXAMPLE}] }`)
  }
  for (const key of Object.keys(whole)) {
    if (key !== 'expectations' && key !== '$schema') {
      throw new MalformedExpectations(`"${key}" means nothing here: all entries stand in the list "expectations"`)
    }
  }
  const entries = whole['expectations'].map((entry: unknown, i) => readEntry(suite, entry, `expectations[${i}]`))
  for (const [i, { kind, subject, place }] of entries.entries()) {
    const first = entries.slice(0, i).find((other) => other.subject === subject)
    if (first)
      throw new MalformedExpectations(`${place} is about the ${kind} "${subject}", as ${first.place}: keep one`)
  }
  return entries
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) // Some editors begin a file with a mark of byte order.
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new MalformedExpectations(`it is no JSON: ${message}${placeIn(text, message)}`)
  }
}

/** Node says where as it can: by a snippet, by line and column, or by a count of characters, which is of no use to people. */
function placeIn(text: string, message: string): string {
  const [, position] = /position (\d+)/.exec(message) ?? []
  if (position === undefined || /line \d/.test(message)) return ''
  const lines = text.slice(0, Number(position)).split('\n')
  return ` (line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1})`
}

function readEntry(suite: Suite, entry: unknown, place: string): Expectation {
  if (!isObject(entry)) throw new MalformedExpectations(`${place} is no object: write ${EXAMPLE}`)
  for (const key of Object.keys(entry)) {
    if (!KEYS.includes(key)) {
      throw new MalformedExpectations(`${place} has "${key}", which means nothing: there are ${KEYS.join(', ')}`)
    }
  }
  const kinds = KINDS.filter((kind) => entry[kind] !== undefined)
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1) {
    throw new MalformedExpectations(
      `${place} must have one of ${KINDS.join(', ')}, and has ${kinds.join(', ') || 'none'}`,
    )
  }
  const subject = textOf(entry, kind, place)
  checkSubject(suite, kind, subject, place)
  const expect = OUTCOMES.find((outcome) => outcome === entry['expect'])
  if (!expect) {
    const given = JSON.stringify(entry['expect']) ?? 'missing'
    throw new MalformedExpectations(`${place}.expect is ${given}: it must be "pass", "fail" or "flaky"`)
  }
  const reason = textOf(entry, 'reason', place)
  if (entry['link'] === undefined) return { kind, subject, expect, reason, place }
  const link = textOf(entry, 'link', place)
  if (!/^https?:\/\/\S+$/.test(link)) {
    throw new MalformedExpectations(`${place}.link is ${JSON.stringify(link)}: it must begin with http:// or https://`)
  }
  return { kind, subject, expect, reason, link, place }
}

function textOf(entry: Readonly<Record<string, unknown>>, key: string, place: string): string {
  const value = entry[key]
  if (typeof value === 'string' && value.trim() !== '') return value
  const given = JSON.stringify(value) ?? 'missing'
  const why = key === 'reason' ? ': whoever reads this later must know why' : ''
  throw new MalformedExpectations(`${place}.${key} is ${given}: it must be a text that is not empty${why}`)
}

function checkSubject(suite: Suite, kind: SubjectKind, subject: string, place: string): void {
  const known = subjectsOf(suite, kind)
  if (known.includes(subject)) return
  const [nearest = ''] = known.toSorted((a, b) => distance(subject, a) - distance(subject, b))
  throw new MalformedExpectations(`${place}: there is no ${kind} "${subject}". Did you mean "${nearest}"?`)
}

/** Whatever can be judged. */
function subjectsOf({ cases, clauses }: Suite, kind: SubjectKind): readonly string[] {
  switch (kind) {
    case 'case':
      return cases.map(({ id }) => id)
    case 'clause':
      return clauses.filter(({ binds }) => binds === 'server').map(({ id }) => id)
    case 'guarantee':
      return GUARANTEES
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
