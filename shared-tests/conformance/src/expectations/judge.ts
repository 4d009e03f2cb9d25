import type { Expectation, Expectations, SubjectKind } from './read.ts'

/** How one thing came out. `open`: it could not be judged, in this run. */
export interface Outcome {
  /** What an entry may call it, the most specific first: a case's id and its clause; a guarantee's id. */
  readonly subjects: readonly string[]
  readonly outcome: 'passed' | 'failed' | 'flaky' | 'open'
}

/** An entry that does not fit the server any more. */
export interface Complaint {
  readonly kind: 'unexpected-pass' | 'unused'
  readonly expectation: Expectation
}

export interface Judgement<O extends Outcome> {
  /** What failed or was flaky, as expected; what did so and is not in here is a failure. */
  readonly excused: ReadonlyMap<O, Expectation>
  readonly complaints: readonly Complaint[]
}

/**
 * Holds outcomes against what was expected. For each outcome its most specific entry counts. An entry that expects a
 * failure, of things that all passed, is an unexpected pass; one that nothing was judged by is unused. `judges` says which
 * kinds of subjects this run could have judged at all: entries of another kind are for another command.
 */
export function judgeAgainst<O extends Outcome>(
  expectations: Expectations,
  outcomes: readonly O[],
  judges: readonly SubjectKind[],
): Judgement<O> {
  const own = expectations.filter(({ kind }) => judges.includes(kind))
  const excused = new Map<O, Expectation>()
  const judgedBy = new Map<Expectation, O[]>(own.map((expectation) => [expectation, []]))
  for (const each of outcomes) {
    if (each.outcome === 'open') continue
    const expectation = expectationFor(own, each)
    if (!expectation) continue
    judgedBy.get(expectation)?.push(each)
    if (excuses(expectation, each)) excused.set(each, expectation)
  }
  const complaints = [...judgedBy].flatMap(([expectation, judged]): Complaint[] => {
    if (judged.length === 0) return [{ kind: 'unused', expectation }]
    const allPassed = judged.every(({ outcome }) => outcome === 'passed')
    return expectation.expect === 'fail' && allPassed ? [{ kind: 'unexpected-pass', expectation }] : []
  })
  return { excused, complaints }
}

function expectationFor(expectations: Expectations, { subjects }: Outcome): Expectation | undefined {
  for (const subject of subjects) {
    const found = expectations.find((each) => each.subject === subject)
    if (found) return found
  }
  return undefined
}

function excuses({ expect }: Expectation, { outcome }: Outcome): boolean {
  switch (expect) {
    case 'pass':
      return false
    case 'fail':
      return outcome === 'failed'
    case 'flaky':
      return outcome === 'failed' || outcome === 'flaky'
  }
}

/** What to do about it, as a sentence. */
export function renderComplaint({ kind, expectation: { place, kind: what, subject, expect } }: Complaint): string {
  switch (kind) {
    case 'unexpected-pass':
      return `${place}: the ${what} "${subject}" is expected to ${expect}, and passed. Delete the entry.`
    case 'unused':
      return `${place}: nothing in this run was judged by its ${what} "${subject}". Delete the entry, or run what it is about.`
  }
}
