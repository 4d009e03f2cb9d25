import { analyse, readResults, RunFolder, runBench, SCHEMA } from '@switchyard/bench'
import type { Analysis, Block, Next, Pace, Results, Run, SubjectFacts, Workload } from '@switchyard/bench'
import type { Contender } from './contenders.ts'
import { machine } from './machine.ts'
import { orMisuse } from './results-folder.ts'

export interface Session {
  readonly contenders: readonly Contender[]
  readonly absent: readonly string[]
  readonly workloads: readonly Workload[]
  readonly pace: Pace
  readonly seed: number
  readonly roundsMax: number
  /** The time for the whole session, ms. Default: no limit. */
  readonly budgetMs?: number
  readonly out: string
  readonly command: string
  readonly signal: AbortSignal
  /** Called only while nothing is measured. */
  readonly show: (text: string) => void
}

/** What is left of the budget for what comes after the last block. */
const AFTERWARDS_MS = 8_000

/** Judges, measures, and writes everything into a folder as it comes; the page at the end, also after an interruption. */
export async function bench(session: Session): Promise<{ results: Results; analysis: Analysis; page: string }> {
  const began = performance.now()
  const { contenders, workloads, pace, seed, show, signal } = session
  const machineBefore = machine()
  const folder = await orMisuse(RunFolder.create(session.out))
  const subjects: SubjectFacts[] = []
  for (const { subject, judge } of contenders) {
    show(`Judging ${subject.name}`)
    const { name, kind, dialect, bounded, twinOf } = subject
    subjects.push({ name, kind, dialect, bounded, ...(twinOf !== undefined && { twinOf }), conformance: await judge() })
  }
  const blocks: Block[] = []
  const at = new Date().toISOString()
  const runWith = (ended: Run['made']['ended']): Run => ({
    schema: SCHEMA,
    made: { at, command: session.command, seed, pace, tookMs: Math.round(performance.now() - began), ended },
    machine: machineBefore,
    subjects,
    workloads,
    absent: session.absent,
  })
  await folder.writeRun(runWith('running'))
  const ended = await runBench({
    subjects: contenders.map(({ subject }) => subject),
    workloads,
    pace,
    seed,
    roundsMax: session.roundsMax,
    signal,
    ...(session.budgetMs !== undefined && {
      budgetMs: session.budgetMs - (performance.now() - began) - AFTERWARDS_MS,
    }),
    beginning: (next) => show(progressLine(next, blocks.length)),
    ended: async (block) => {
      blocks.push(block)
      await folder.append(block)
    },
  })
  await folder.writeRun(runWith(ended))
  show('Drawing')
  const results = await readResults(session.out)
  const { renderPage } = await import('@switchyard/bench/report')
  return { results, analysis: analyse(results), page: await folder.writePage(renderPage(results)) }
}

function progressLine({ workload, subject, round, leftMs }: Next, done: number): string {
  const left = leftMs < 90_000 ? `${Math.ceil(leftMs / 1000)} s` : `${Math.ceil(leftMs / 60_000)} min`
  return `${left} left; block ${done + 1}, round ${round + 1}: ${workload}, ${subject}`
}
