import { runBlock } from './block.ts'
import type { Block, Pace } from './block.ts'
import { roundOf } from './plan.ts'
import type { Group } from './plan.ts'
import type { Ended } from './results.ts'
import type { Subject } from './subject.ts'
import type { Workload } from '../load/workloads.ts'

export interface RunOptions {
  readonly subjects: readonly Subject[]
  readonly workloads: readonly Workload[]
  readonly pace: Pace
  /** Seed of the order. */
  readonly seed: number
  readonly roundsMax: number
  /** No group of blocks is begun that would not be over by then. Default: there is time. */
  readonly budgetMs?: number
  /** Ends the run; the block under way does not count. */
  readonly signal?: AbortSignal
  /** Called before each block; nothing is called while one is measured. */
  readonly beginning?: (next: Next) => void
  /** Is waited for. */
  readonly ended: (block: Block) => Promise<void>
}

export interface Next {
  readonly workload: string
  readonly subject: string
  readonly round: number
  /** An estimate for the rest of the run, by what blocks have taken so far. */
  readonly leftMs: number
}

/** What a block takes beside warming up and measuring, before any has been seen. */
const OVERHEAD_MS = 900

/** Measures in rounds, each in an order of its own. */
export async function runBench(options: RunOptions): Promise<Ended> {
  const { subjects, workloads, pace, seed, roundsMax, budgetMs = Number.POSITIVE_INFINITY, signal } = options
  const began = performance.now()
  const costs = new Costs(pace)
  const all = Array.from({ length: roundsMax }, (_, round) => roundOf(workloads, subjects, round, seed)).flat()
  let left = all
  for (const group of all) {
    const spentMs = performance.now() - began
    if (spentMs + costs.ofGroup(group) > budgetMs) return 'out-of-time'
    for (const [index, subject] of group.subjects.entries()) {
      if (signal?.aborted) return 'interrupted'
      const { workload, round } = group
      const beganMs = performance.now() - began
      const rest = costs.of(workload) * (group.subjects.length - index) + costs.ofAll(left.slice(1))
      options.beginning?.({
        workload: workload.name,
        subject: subject.name,
        round,
        leftMs: Math.min(rest, budgetMs - beganMs),
      })
      const outcome = await runBlock(workload, subject, pace)
      if (signal?.aborted) return 'interrupted'
      const tookMs = performance.now() - began - beganMs
      costs.saw(workload, tookMs)
      await options.ended({ workload: workload.name, subject: subject.name, round, beganMs, tookMs, outcome })
    }
    left = left.slice(1)
  }
  return 'complete'
}

/** What a block of each workload takes. */
class Costs {
  readonly #pace: Pace
  readonly #seen = new Map<string, { sumMs: number; blocks: number }>()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  saw({ name }: Workload, tookMs: number): void {
    const seen = this.#seen.get(name) ?? { sumMs: 0, blocks: 0 }
    this.#seen.set(name, { sumMs: seen.sumMs + tookMs, blocks: seen.blocks + 1 })
  }

  of({ name, measureMsMin = 0 }: Workload): number {
    const seen = this.#seen.get(name)
    if (seen) return seen.sumMs / seen.blocks
    return this.#pace.warmupMs + Math.max(this.#pace.measureMs, measureMsMin) + OVERHEAD_MS
  }

  ofGroup({ workload, subjects }: Group): number {
    return this.of(workload) * subjects.length
  }

  ofAll(groups: readonly Group[]): number {
    return groups.reduce((sum, group) => sum + this.ofGroup(group), 0)
  }
}
