import { attempt, ATTEMPTS_MAX } from './attempt.ts'
import type { Finding, Verdict } from './finding.ts'
import type { MeasureOptions } from './measure.ts'
import type { Subject } from './subject.ts'
import type { Trial } from './trial.ts'
import { churn } from './trials/churn.ts'
import { storm } from './trials/storm.ts'
import { writeDeadline } from './trials/write-deadline.ts'

export const TRIALS: readonly Trial[] = [storm, churn, writeDeadline]

/** One subject, one trial. Plain data: fit for JSON. */
export interface Tried {
  readonly subject: string
  readonly trial: Trial['name']
  readonly verdict: Verdict
  readonly ok: boolean
  /** A sentence. */
  readonly why: string
  /** A few characters, for a table. */
  readonly figure: string
  /** All but the last one were undecided. */
  readonly attempts: readonly Finding[]
}

/** Rejects only if `signal` is aborted. */
export async function runTrial(subject: Subject, trial: Trial, { signal }: MeasureOptions = {}): Promise<Tried> {
  const attempts: Finding[] = []
  let last: Finding
  do {
    last = await attempt(
      subject,
      signal,
      (open) => trial.run(open, subject),
      (finding) => finding,
    )
    attempts.push(last)
  } while (last.verdict === 'undecided' && attempts.length < ATTEMPTS_MAX)
  const { verdict, why, figure } = last
  return {
    subject: subject.name,
    trial: trial.name,
    verdict,
    ok: verdict === 'holds' || verdict === 'not-applicable',
    why,
    figure,
    attempts,
  }
}
