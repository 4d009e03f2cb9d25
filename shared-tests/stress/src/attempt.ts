import type { Limits } from '@switchyard/core'
import { notApplicable } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Open } from './scene.ts'
import { Stage } from './stage.ts'
import type { Subject } from './subject.ts'
import { Broken, Unable, Unseen } from './load/errors.ts'

/** What is undecided is played again, so many times in all. */
export const ATTEMPTS_MAX: number = 3

/** Plays once, on servers of `subject`. What goes wrong is a finding too: `otherwise` makes it one of the right shape. */
export async function attempt<Found>(
  subject: Subject,
  signal: AbortSignal | undefined,
  play: (open: Open) => Promise<Found>,
  otherwise: (finding: Finding) => Found,
): Promise<Found> {
  try {
    return await play((limits: Partial<Limits> = {}) => Stage.open(subject, limits, signal))
  } catch (error) {
    if (error instanceof Broken) {
      return otherwise({ verdict: 'broken', why: error.message, figure: 'broken', figures: {} })
    }
    if (error instanceof Unable) {
      return otherwise({ verdict: 'undecided', why: error.message, figure: '?', figures: {} })
    }
    if (error instanceof Unseen) return otherwise(notApplicable(error.message))
    throw error
  }
}
