import { analyse, figuresByRound } from './analysis.ts'
import type { Row, WorkloadAnalysis } from './analysis.ts'
import { RANKED } from './metrics.ts'
import type { Figure } from './metrics.ts'
import type { Machine, Results } from '../run/results.ts'
import { bootstrapDifference } from './statistics/bootstrap.ts'
import type { Interval } from './statistics/bootstrap.ts'
import { differenceOf, ratiosOf } from './statistics/comparison.ts'
import type { Difference } from './statistics/comparison.ts'
import { holm } from './statistics/holm.ts'
import { welchTest } from './statistics/student.ts'

/** What changed from one run to another. */
export interface Diff {
  /** Facts of the machine that differ: then so may all figures, whatever changed in the servers. */
  readonly machines: readonly string[]
  readonly changes: readonly Change[]
  /** `workload server` of which only one run has blocks. */
  readonly onlyInOne: readonly string[]
}

export interface Change {
  readonly workload: string
  readonly subject: string
  readonly figure: Figure
  /** The later run's figure divided by the earlier's. */
  readonly ratio: Interval
  /** Corrected for all changes looked at. */
  readonly p: number
  readonly difference: Difference
  /** Whether figures were taken in multiples of their round's yardstick, which takes the machine's own drift out. */
  readonly inYardsticks: boolean
}

/** Without these being equal, no figure of one run can be held against one of the other. */
const MACHINE_FACTS = ['cpu', 'cores', 'memoryBytes', 'platform', 'kernel', 'node', 'v8'] as const

export function diffOf(before: Results, after: Results): Diff {
  const earlier = rowsOf(before)
  const later = rowsOf(after)
  const shared = [...later.keys()].filter((key) => earlier.has(key))
  const samples = shared.map((key) => sampleOf(earlier.get(key)!, later.get(key)!))
  const ps = holm(samples.map(({ one, other }) => welchTest(other, one)))
  return {
    machines: differencesOf(before.run.machine, after.run.machine),
    changes: samples.map(({ workload, subject, figure, one, other, inYardsticks }, index) => {
      const { value, low, high } = bootstrapDifference(other, one)
      const ratio = { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) }
      const p = ps[index]!
      return { workload, subject, figure, ratio, p, difference: differenceOf(ratio.value, p), inYardsticks }
    }),
    onlyInOne: [...earlier.keys(), ...later.keys()].filter((key) => !shared.includes(key)),
  }
}

interface Placed {
  readonly row: Row
  readonly analysis: WorkloadAnalysis
}

function rowsOf(results: Results): Map<string, Placed> {
  return new Map(
    analyse(results).workloads.flatMap((analysis) =>
      analysis.rows.map((row) => [`${analysis.workload.name} ${row.subject.name}`, { row, analysis }]),
    ),
  )
}

/** Logarithms, because ratios are compared. */
function sampleOf(earlier: Placed, later: Placed) {
  const { workload } = later.analysis
  const { figure } = RANKED[workload.ranked]
  const inYardsticks = later.row.subject.kind !== 'yardstick' && [earlier, later].every(yardstickOf)
  const logs = (placed: Placed): number[] => {
    const own = figuresByRound(placed.row, figure)
    const yardstick = yardstickOf(placed)
    const ratios = inYardsticks && yardstick ? ratiosOf(own, figuresByRound(yardstick, figure)) : ratiosOf(own, ONES)
    return ratios.map(Math.log)
  }
  const subject = later.row.subject.name
  return { workload: workload.name, subject, figure, one: logs(earlier), other: logs(later), inYardsticks }
}

/** Divided by these, figures stay as they are. */
const ONES: readonly number[] = Array<number>(1000).fill(1)

function yardstickOf({ analysis }: Placed): Row | undefined {
  return analysis.rows.find(({ subject }) => subject.kind === 'yardstick')
}

function differencesOf(before: Machine, after: Machine): string[] {
  return MACHINE_FACTS.filter((fact) => before[fact] !== after[fact]).map(
    (fact) => `${fact}: ${before[fact]} then, ${after[fact]} now`,
  )
}
