import type { Block } from '../run/block.ts'
import { FIGURES, figuresOf, RANKED } from './metrics.ts'
import type { Figure, Figures } from './metrics.ts'
import { median } from './quantiles.ts'
import type { Results, SubjectFacts } from '../run/results.ts'
import { bootstrapGeometricMean, bootstrapMean } from './statistics/bootstrap.ts'
import type { Interval } from './statistics/bootstrap.ts'
import { compare, compareAll, ratiosOf } from './statistics/comparison.ts'
import type { Comparison } from './statistics/comparison.ts'
import type { Workload } from '../load/workloads.ts'

/** All that a report says of a run. It follows from the run alone. */
export interface Analysis {
  readonly workloads: readonly WorkloadAnalysis[]
  readonly control: Control
}

export interface WorkloadAnalysis {
  readonly workload: Workload
  /** In the order of the run's subjects. */
  readonly rows: readonly Row[]
  /** Every two that are ranked, by the workload's figure. */
  readonly comparisons: readonly Comparison[]
}

/** What one server did with one workload. */
export interface Row {
  readonly subject: SubjectFacts
  readonly standing: Standing
  readonly blocks: readonly Block[]
  /** One of each block, failed ones included: they have no figures. */
  readonly figures: readonly Figures[]
  /** What is typical of each figure, and where it may as well lie. What no block has is missing. */
  readonly typical: Readonly<Partial<Record<Figure, Interval>>>
  /** The workload's ranking figure, as a multiple of the yardstick's in the same round; null without a yardstick. */
  readonly toYardstick: Interval | null
}

/** `reference`: not ours to rank, or a second name. Only `ranked` is compared. */
export type Standing =
  | { readonly state: 'ranked' }
  | { readonly state: 'reference' }
  /** It reached less than 99 % of what was due. */
  | { readonly state: 'saturated'; readonly reached: number }
  | { readonly state: 'not-conformant'; readonly why: string }
  | { readonly state: 'failed'; readonly blocks: number; readonly why: string }

/** What the one server under two names shows: how far the figures can be trusted. */
export interface Control {
  /** `none`: the run had no such server, or too few blocks of it. */
  readonly state: 'holds' | 'broken' | 'none'
  /** The ratio of the two names' figures, over all workloads in which both were measured. */
  readonly ratio: Interval | null
  readonly blocks: number
  readonly perWorkload: readonly Comparison[]
}

/** The share of the due messages that a server must reach to be ranked. */
export const REACHED_MIN = 0.99

/** The fewest pairs of blocks that give an interval. */
const CONTROL_BLOCKS_MIN = 4

export function analyse({ run, blocks }: Results): Analysis {
  const workloads = run.workloads.map((workload) => analyseOne(workload, run.subjects, blocks))
  return { workloads, control: controlOf(workloads, run.subjects) }
}

/** One of each block that has it. */
export function valuesOf({ figures }: Pick<Row, 'figures'>, figure: Figure): number[] {
  return figures.flatMap((each) => each[figure] ?? [])
}

/** Two rows' ratio of one figure, within rounds. */
export function ratioBetween(one: Row, other: Row, figure: Figure): Interval | null {
  const ratios = ratiosOf(figuresByRound(one, figure), figuresByRound(other, figure))
  return ratios.length === 0 ? null : bootstrapGeometricMean(ratios)
}

function analyseOne(workload: Workload, subjects: readonly SubjectFacts[], blocks: readonly Block[]): WorkloadAnalysis {
  const { figure } = RANKED[workload.ranked]
  const rows = subjects
    .map((subject): Row => {
      const own = blocks.filter((block) => block.workload === workload.name && block.subject === subject.name)
      const figures = own.map((block) => figuresOf(block, workload.load.messageBytes))
      return {
        subject,
        standing: standingOf(subject, own, figures),
        blocks: own,
        figures,
        typical: typicalOf(figures),
        toYardstick: null,
      }
    })
    .filter((row) => row.blocks.length > 0)
  const yardstick = rows.find(({ subject }) => subject.kind === 'yardstick')
  const ranked = rows.filter(({ standing }) => standing.state === 'ranked')
  return {
    workload,
    rows: rows.map((row) => (yardstick ? { ...row, toYardstick: ratioBetween(row, yardstick, figure) } : row)),
    comparisons: compareAll(Object.fromEntries(ranked.map((row) => [row.subject.name, figuresByRound(row, figure)]))),
  }
}

/** Medians, with the interval of the mean: a block that was disturbed moves the one little and widens the other. */
function typicalOf(figures: readonly Figures[]): Row['typical'] {
  const names = FIGURES.filter((name) => figures.some((each) => each[name] !== undefined))
  return Object.fromEntries(
    names.map((name) => {
      const values = valuesOf({ figures }, name)
      const { low, high } = bootstrapMean(values)
      const value = median(values)
      return [name, { value, low: Math.min(low, value), high: Math.max(high, value) }]
    }),
  )
}

function standingOf(subject: SubjectFacts, blocks: readonly Block[], figures: readonly Figures[]): Standing {
  const failures = blocks.flatMap(({ outcome }) => (outcome.state === 'failed' ? [outcome.why] : []))
  if (failures.length > 0) return { state: 'failed', blocks: failures.length, why: failures[0]! }
  if (subject.conformance.state === 'broken') return { state: 'not-conformant', why: subject.conformance.summary }
  const reached = median(figures.flatMap((each) => each.reached ?? []))
  if (reached < REACHED_MIN) return { state: 'saturated', reached }
  return subject.kind === 'yardstick' || subject.kind === 'peer' || subject.twinOf !== undefined
    ? { state: 'reference' }
    : { state: 'ranked' }
}

/** The figure of each round, by its number. */
export function figuresByRound({ blocks, figures }: Row, figure: Figure): (number | undefined)[] {
  const rounds: (number | undefined)[] = []
  for (const [index, { round }] of blocks.entries()) rounds[round] = figures[index]?.[figure]
  return Array.from(rounds)
}

/** Broken if the two names' ratio over all workloads leaves 1. Of single workloads it says which ones look as if. */
function controlOf(workloads: readonly WorkloadAnalysis[], subjects: readonly SubjectFacts[]): Control {
  const twin = subjects.find(({ twinOf }) => twinOf !== undefined)
  const perWorkload = compare(
    workloads.flatMap(({ workload, rows }) => {
      const one = rows.find(({ subject }) => subject.name === twin?.twinOf)
      const other = rows.find(({ subject }) => subject === twin)
      if (!one || !other) return []
      const { figure } = RANKED[workload.ranked]
      const ratios = ratiosOf(figuresByRound(one, figure), figuresByRound(other, figure))
      return [{ one: workload.name, other: workload.name, ratios }]
    }),
  )
  const ratios = perWorkload.flatMap(({ ratios: own }) => own)
  if (ratios.length < CONTROL_BLOCKS_MIN) return { state: 'none', ratio: null, blocks: ratios.length, perWorkload }
  const ratio = bootstrapGeometricMean(ratios)
  return { state: ratio.low <= 1 && ratio.high >= 1 ? 'holds' : 'broken', ratio, blocks: ratios.length, perWorkload }
}
