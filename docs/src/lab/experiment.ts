/** What is done with an edited server, and what is said of it. In a page it runs in workers; tests run it as it is. */
import { missingFor, runCase } from '@switchyard/conformance/portable'
import type { Session, Suite } from '@switchyard/conformance/portable'
import type { Pattern } from '@switchyard/core'
import { reactor } from '@switchyard/impls/reactor'
import { renderChart } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import { exploreOne, simulated } from '@switchyard/simulated'
import { JUDGES, JUDGES_OF_ROUTERS } from './copies.ts'
import type { Judges } from './copies.ts'
import { exportsOf, serverIn } from './evaluate.ts'
import type { Exported, Sources } from './evaluate.ts'
import { FAILURES_MAX, SCHEDULES, SHRINK_MS } from './verdict.ts'
import type { Asked, Beat, ExploredHere, Failed, Judged, Verdict } from './verdict.ts'

/** What is to happen in a case, and does not for so long, does not happen; ms. A simulated network takes much less. */
const STILL_MS = 1_000
/** `beat` is called before each server is started: again and again, as long as none of them keeps the thread. Throws SourceError. */
export function experiment(
  asked: Asked,
  sources: Sources,
  beat: (beat: Beat) => void,
  shrinkTimeMax: number = SHRINK_MS,
): Promise<Verdict> {
  const { judges, ...server } = subjectOf(asked, sources)
  return judges.with<Promise<Verdict>>((suite, protocol) =>
    asked.task === 'judge'
      ? judge(suite, server.pattern, asked, beat)
      : explore(protocol, server, asked, beat, shrinkTimeMax),
  )
}

/** A pattern is judged as a router; a protocol is run by the reactor, and judged by its own suite. Throws SourceError. */
export function subjectOf(
  { path, text }: Pick<Asked, 'path' | 'text'>,
  sources: Sources,
): Exported & { readonly judges: Judges } {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const judgesOf = JUDGES[folder]
  if (!judgesOf) return { ...serverIn(text), judges: JUDGES_OF_ROUTERS }
  return { pattern: reactor, judges: judgesOf(exportsOf(`${folder}index.ts`, { ...sources, [path]: text })) }
}

/** Every case that simulated connections can offer. */
async function judge<C extends Session>(
  suite: Suite<C>,
  pattern: Pattern,
  { index, of }: Asked,
  beat: (beat: Beat) => void,
): Promise<Judged> {
  const target = simulated(suite, pattern)
  const cases = suite.cases.filter((each) => !missingFor(each, target)).filter((_, at) => at % of === index)
  const failed: Failed[] = []
  let done = 0
  for (const each of cases) {
    if (failed.length === FAILURES_MAX) break
    beat({ done: done++, total: cases.length, shrinking: false })
    const { verdict, message } = await runCase(suite, target, each, { stillMs: STILL_MS })
    if (verdict !== 'passed') failed.push({ id: each.id, clause: each.clause, name: each.name, message })
  }
  return { kind: 'judged', passed: done - failed.length, failed, notRun: cases.length - done }
}

async function explore<Say>(
  protocol: SimulatedProtocol<Say>,
  server: Exported,
  { index, of }: Asked,
  beat: (beat: Beat) => void,
  shrinkTimeMax: number,
): Promise<ExploredHere> {
  const from = Math.floor((SCHEDULES * index) / of)
  const total = Math.floor((SCHEDULES * (index + 1)) / of) - from
  let runs = 0
  const watched: Pattern = {
    ...server.pattern,
    serve(...given) {
      beat({ done: Math.min(runs, total), total, shrinking: runs > total })
      runs++
      return server.pattern.serve(...given)
    },
  }
  const { explored, found } = await exploreOne(
    protocol,
    { ...server, pattern: watched },
    { mode: { kind: 'random', from, to: from + total - 1 }, shrinkTimeMax },
    () => (runs = total),
  )
  if (!found) return { kind: 'explored', schedules: explored, found: null }
  const { clause, message, line, outcome, minimal } = found
  const chart = renderChart(outcome, protocol.speech)
  const events = outcome.events.length
  return { kind: 'explored', schedules: explored, found: { clause, message, line, chart, events, minimal } }
}
