/** What is done with an edited server, and what is said of it. In a page it runs in a worker; tests run it as it is. */
import { missingFor, runCase } from '@switchyard/conformance/portable'
import type { Pattern } from '@switchyard/core'
import { ROUTER } from '@switchyard/protocols/router/suite'
import { ROUTER_SPEECH, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { renderChart } from '@switchyard/sim'
import { exploreOne, simulated } from '@switchyard/simulated'
import { patternOf } from './evaluate.ts'

/** So many schedules take some seconds, and are enough for every exercise. */
export const SCHEDULES = 2_000

/** What is to happen in a case, and does not for so long, does not happen; ms. A simulated network takes much less. */
const STILL_MS = 1_000
/** So many failures say what is wrong. */
const FAILURES_MAX = 5

export type Task = 'judge' | 'explore'

export interface Failed {
  readonly id: string
  readonly clause: string
  readonly name: string
  readonly message: string
}

export interface Judged {
  readonly kind: 'judged'
  readonly passed: number
  readonly failed: readonly Failed[]
  /** After so many failures the rest is not run. */
  readonly notRun: number
}

export interface ExploredHere {
  readonly kind: 'explored'
  readonly schedules: number
  readonly found: {
    readonly clause: string
    readonly message: string
    readonly line: string
    readonly chart: string
  } | null
}

export type Verdict = Judged | ExploredHere

/** `beat` is called before each server is started: again and again, as long as none of them keeps the thread. Throws SourceError. */
export function experiment(task: Task, source: string, beat: (text: string) => void): Promise<Verdict> {
  const pattern = patternOf(source)
  return task === 'judge' ? judge(pattern, beat) : explore(pattern, beat)
}

/** Every case that simulated connections can offer. */
async function judge(pattern: Pattern, beat: (text: string) => void): Promise<Judged> {
  const target = simulated(ROUTER, pattern)
  const cases = ROUTER.cases.filter((each) => missingFor(each, target) === undefined)
  const failed: Failed[] = []
  let done = 0
  for (const each of cases) {
    if (failed.length === FAILURES_MAX) break
    beat(`${done++} of ${cases.length} cases`)
    const { verdict, message } = await runCase(ROUTER, target, each, { stillMs: STILL_MS })
    if (verdict !== 'passed') failed.push({ id: each.id, clause: each.clause, name: each.name, message })
  }
  return { kind: 'judged', passed: done - failed.length, failed, notRun: cases.length - done }
}

async function explore(pattern: Pattern, beat: (text: string) => void): Promise<ExploredHere> {
  let runs = 0
  const watched: Pattern = {
    ...pattern,
    serve(...given) {
      beat(runs < SCHEDULES ? `${runs} of ${SCHEDULES} schedules` : 'making what was found small')
      runs++
      return pattern.serve(...given)
    },
  }
  const { explored, found } = await exploreOne(
    SIMULATED_ROUTER,
    { pattern: watched },
    { mode: { kind: 'random', from: 0, to: SCHEDULES - 1 } },
    () => {},
  )
  if (!found) return { kind: 'explored', schedules: explored, found: null }
  const { clause, message, line, outcome } = found
  return {
    kind: 'explored',
    schedules: explored,
    found: { clause, message, line, chart: renderChart(outcome, ROUTER_SPEECH) },
  }
}
