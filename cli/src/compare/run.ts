import { ROUTER } from '@switchyard/protocols/router/suite'
import { figuresOf, interleaved, ratiosTo } from '@switchyard/bench'
import type { Interleaved, Load } from '@switchyard/bench'
import { startServer } from '@switchyard/harness'
import type { ServerProcess } from '@switchyard/harness'
import { inProcess, verify } from '@switchyard/conformance'
import type { Report } from '@switchyard/conformance'
import { stress } from '@switchyard/stress'
import type { Cell } from '@switchyard/stress'
import type { Known } from '../patterns.ts'
import { SHORT } from '../stress/short.ts'
import { subjectOf } from '../stress/subject.ts'
import { codeLinesOf } from './code-lines.ts'
import { machine } from './machine.ts'
import type { Comparison, Row, Workload } from './results.ts'

const HOST = new URL('../host.js', import.meta.url)
/** The variant by which throughput is counted: what an `await` for each message costs. */
const UNIT = 'await-per-message'
/** Cases wait more than they work. */
const CASES_AT_A_TIME = 4
const ROUNDS = 3
const SEED = 20

const LOADS: Readonly<Record<Workload, Load>> = {
  pipelined: { workload: 'pipelined', pairs: 16, messageBytes: 32, warmupMs: 250, measureMs: 500 },
  'round-trips': { workload: 'round-trips', pairs: 128, messageBytes: 32, warmupMs: 250, measureMs: 500 },
}

/** Judges, stresses and loads each server. `show` hears what happens now. */
export async function compare(
  patterns: readonly Known[],
  variants: readonly Known[],
  show: (text: string) => void,
): Promise<Comparison> {
  const began = performance.now()
  const all = [...patterns, ...variants]
  const reports = new Map<string, Report>()
  const cells = new Map<string, readonly Cell[]>()
  for (const [index, known] of all.entries()) {
    const { name } = known.pattern
    const step = `${index + 1} of ${all.length}`
    reports.set(name, await judge(known, (done, total) => show(`Judging ${name} (${step}): case ${done} of ${total}`)))
    cells.set(name, await stressed(known, (text) => show(`Stressing ${text} (${step})`)))
  }
  const loads = await measureAll(all, show)

  const ratios = ratiosTo(UNIT, loads.pipelined)
  const rows = all.map(({ pattern, file }, index): Row => {
    const { name, guarantees } = pattern
    return {
      name,
      kind: index < patterns.length ? 'pattern' : 'variant',
      guarantees,
      conformance: present(reports.get(name)),
      stress: present(cells.get(name)),
      figures: {
        pipelined: figuresOf(loads.pipelined.measurements[name] ?? []),
        'round-trips': figuresOf(loads['round-trips'].measurements[name] ?? []),
      },
      timesAwaitPerMessage: present(ratios[name]),
      codeLines: codeLinesOf(file),
    }
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  const command = `switchyard ${process.argv.slice(2).join(' ')}`
  return { schema: 2, made: { at: new Date().toISOString(), seconds, command }, machine: machine(), loads, rows }
}

async function judge({ pattern }: Known, show: (done: number, total: number) => void): Promise<Report> {
  await using target = inProcess(ROUTER, pattern)
  return await verify(ROUTER, target, {
    concurrency: CASES_AT_A_TIME,
    onProgress: (_, done, total) => show(done, total),
  })
}

async function stressed(known: Known, show: (text: string) => void): Promise<readonly Cell[]> {
  const { cells } = await stress([subjectOf(known, ROUTER.name, ROUTER.dialect)], {
    guarantees: SHORT,
    trials: [],
    show,
  })
  return cells
}

/** All servers stand the whole time, idle but one, so that their turns can be interleaved. */
async function measureAll(all: readonly Known[], show: (text: string) => void): Promise<Record<Workload, Interleaved>> {
  const servers: Record<string, ServerProcess> = {}
  const measureEach = (load: Load): Promise<Interleaved> =>
    interleaved(servers, load, {
      rounds: ROUNDS,
      seed: SEED,
      measured: (name, round) => show(`Measuring ${load.workload}, round ${round + 1} of ${ROUNDS}: ${name}`),
    })
  try {
    for (const { pattern } of all) servers[pattern.name] = await startServer({ module: HOST, args: [pattern.name] })
    return { pipelined: await measureEach(LOADS.pipelined), 'round-trips': await measureEach(LOADS['round-trips']) }
  } finally {
    await Promise.all(Object.values(servers).map((server) => server.stop()))
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a server was left out of the comparison')
  return value
}
