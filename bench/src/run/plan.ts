import { Random } from '@switchyard/core'
import type { Subject } from './subject.ts'
import type { Workload } from '../load/workloads.ts'

/** One workload of one round, on every server that can carry it. */
export interface Group {
  readonly round: number
  readonly workload: Workload
  readonly subjects: readonly Subject[]
}

/**
 * One round: every workload that is due in it. A machine's speed drifts, so the servers of one workload are neighbours in
 * time, and a random order keeps any of them from always following the same other one.
 */
export function roundOf(
  workloads: readonly Workload[],
  subjects: readonly Subject[],
  round: number,
  seed: number,
): Group[] {
  const random = new Random(seed + round)
  const due = workloads.filter(({ everyRounds = 1 }) => round % everyRounds === 0)
  return random.shuffled(due).map((workload) => ({
    round,
    workload,
    subjects: random.shuffled(subjects.filter((subject) => canCarry(subject, workload))),
  }))
}

/** Where limits are chosen, or readers stall, only our own servers can be compared: they have the same limits. */
export function canCarry({ kind, twinOf, bounded }: Subject, { limits, among = 'everybody' }: Workload): boolean {
  if (among === 'patterns' && (twinOf !== undefined || kind === 'yardstick' || kind === 'peer')) return false
  return limits === undefined || bounded
}
