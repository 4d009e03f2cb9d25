import { COMMON_GUARANTEES } from '@switchyard/core'
import { CASES } from '@switchyard/protocols/router/suite'
import type { Case } from '@switchyard/conformance'
import { conformance, hastyConformance } from './conformance.ts'
import type { JudgedRow, Kill, Sight } from './matrix.ts'
import { PROBE, PROBES } from './probes.ts'
import { SCHEDULES, scheduled } from './schedules.ts'
import type { Subject } from './subjects.ts'

/**
 * `named`: the checks that the row names, the other cases of the clauses that it names, and of a variant every guarantee;
 * `all`: every other case of the conformance suite too.
 */
export type Extent = 'named' | 'all'

/** Lets the checks look at one server. */
export async function judge({ row, pattern }: Subject, extent: Extent): Promise<JudgedRow> {
  const named = CASES.filter((each) => row.sights.some((sight) => isOf(each, sight) && sight.by === each.id))
  const others = CASES.filter(
    (each) => !named.includes(each) && (extent === 'all' || row.sights.some((sight) => isOf(each, sight))),
  )
  return {
    ...row,
    kills: [
      ...(await conformance(pattern, named)),
      ...(await hastyConformance(pattern, others)),
      ...(await underSchedules({ row, pattern })),
      ...(row.kind === 'variant' ? await probed({ row, pattern }) : []),
    ],
  }
}

function isOf({ clause }: Case, { column }: Sight): boolean {
  return clause === column
}

async function underSchedules({ row, pattern }: Subject): Promise<readonly Kill[]> {
  const kills: Kill[] = []
  for (const sight of row.sights) {
    const kill = sight.by === SCHEDULES ? await scheduled(pattern, sight) : undefined
    if (kill) kills.push(kill)
  }
  return kills
}

async function probed({ pattern }: Subject): Promise<readonly Kill[]> {
  const kills: Kill[] = []
  for (const column of COMMON_GUARANTEES) {
    const message = await PROBES[column](pattern)
    if (message !== undefined) kills.push({ column, by: PROBE, message })
  }
  return kills
}
