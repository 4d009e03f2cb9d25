/** What a report says in words, alike in HTML, in markdown and on a terminal. */
import type { Analysis, Control, Row, WorkloadAnalysis } from '../analysis/analysis.ts'
import { RANKED } from '../analysis/metrics.ts'
import type { Machine, Run } from '../run/results.ts'
import type { Interval } from '../analysis/statistics/bootstrap.ts'
import { bytes, interval, number, percent, seconds } from './format.ts'

export function machineLine({ cpu, cores, memoryBytes, platform, kernel, node, v8, commit, dirty }: Machine): string {
  const changed = dirty === true ? ' with changes' : ''
  return (
    `${cpu}, ${cores} core${cores === 1 ? '' : 's'}, ${bytes(memoryBytes)}; ${platform} ${kernel}; Node ${node} (V8 ${v8}); ` +
    `commit ${commit ?? 'unknown'}${changed}`
  )
}

const LAG_MICROS_MAX = 1000
/** Processes that wanted a core before the run: an idle machine has hardly any. */
const LOAD_MAX = 0.5
const BLOCKS_MIN = 5
/** A control whose interval reaches so far is no sharp instrument. */
const BLUNT_MIN = 1.1

/** What makes the figures of a run doubtful, a sentence each. */
export function doubtsOf({ made, machine }: Run, { control, workloads }: Analysis): string[] {
  const doubts: string[] = []
  if (made.ended === 'interrupted') doubts.push('The run was interrupted: what it had is here.')
  if (made.ended === 'running') doubts.push('The run was killed, or goes on: what it had is here.')
  if (machine.loadBefore > LOAD_MAX) {
    doubts.push(
      `The machine was busy before the run began: ${number(machine.loadBefore)} processes wanted a core. Figures of a ` +
        'busy machine say little.',
    )
  }
  if (control.state === 'broken') doubts.push(controlLine(control))
  const late = workloads.filter(({ rows }) =>
    rows.some(({ typical }) => (typical.lagP99Micros?.value ?? 0) > LAG_MICROS_MAX),
  )
  if (late.length > 0) {
    doubts.push(
      `The load generator itself was late by more than a millisecond for one message in a hundred (${namesOf(late)}): ` +
        "latencies there, and what was reached, are the machine's as much as the servers'.",
    )
  }
  const few = workloads.filter(({ rows }) => rows.some(({ blocks }) => blocks.length < BLOCKS_MIN))
  if (few.length > 0) {
    doubts.push(
      `Fewer than five blocks stand behind some figures (${namesOf(few)}): they have no intervals, or such as may be too narrow.`,
    )
  }
  return doubts
}

function namesOf(analyses: readonly WorkloadAnalysis[]): string {
  return analyses.map(({ workload }) => workload.name).join(', ')
}

/** The A/A control, in a sentence. */
export function controlLine({ state, ratio, blocks }: Control): string {
  const said = ratio ? interval(ratio, (value) => value.toFixed(3)) : ''
  switch (state) {
    case 'holds':
      return `Control: one server under two names differs by a factor of ${said}, over ${blocks} pairs of blocks. That holds 1, as it should.${blunt(ratio)}`
    case 'broken':
      return `Control: one server under two names differs by a factor of ${said}, over ${blocks} pairs of blocks. That leaves 1: do not trust this run's ranking.`
    case 'none':
      return 'Control: none. No server was measured under two names often enough.'
  }
}

/** A control can hold 1 because it holds almost anything. */
function blunt(ratio: Interval | null): string {
  if (!ratio || Math.max(ratio.high, 1 / ratio.low) <= BLUNT_MIN) return ''
  return ' But it is wide: differences of that size tell nothing about the servers of this run.'
}

/** Why a row is not ranked; empty if it is. */
export function standingOf({ standing, subject }: Row): string {
  switch (standing.state) {
    case 'ranked':
      return ''
    case 'reference':
      return subject.twinOf === undefined ? 'for comparison' : 'control'
    case 'saturated':
      return `saturated: reached ${percent(standing.reached)} of what was due`
    case 'not-conformant':
      return `not ranked, fails conformance: ${standing.why}`
    case 'failed':
      return `not ranked, ${standing.blocks} block${standing.blocks === 1 ? '' : 's'} failed: ${firstLine(standing.why)}`
  }
}

/** Whom a server beats, whom it does not, in words: `faster than mutex, channels; can't tell from race`. */
export function verdictOf(row: Row, { workload, comparisons }: WorkloadAnalysis): string {
  const { better } = RANKED[workload.ranked]
  const own = comparisons.flatMap(({ one, other, difference }) => {
    if (one === row.subject.name) return [{ other, difference }]
    if (other === row.subject.name) return [{ other: one, difference: MIRRORED[difference] }]
    return []
  })
  const names = (wanted: string): string => {
    const found = own.filter(({ difference }) => difference === wanted).map(({ other }) => other)
    return found.length > 1 && found.length === own.length ? 'all others' : found.join(', ')
  }
  const [good, bad] = better === 'more' ? (['higher', 'lower'] as const) : (['lower', 'higher'] as const)
  const parts = [
    { words: BETTER[workload.ranked], names: names(good) },
    { words: WORSE[workload.ranked], names: names(bad) },
    { words: "can't tell from", names: names('cannot-tell') },
  ]
  return parts
    .filter((part) => part.names !== '')
    .map((part) => `${part.words} ${part.names}`)
    .join('; ')
}

const MIRRORED = { higher: 'lower', lower: 'higher', 'cannot-tell': 'cannot-tell' } as const
const BETTER = { rate: 'faster than', cpu: 'cheaper than', p99: 'sooner than', silence: 'shorter than' } as const
const WORSE = { rate: 'slower than', cpu: 'dearer than', p99: 'later than', silence: 'longer than' } as const

/** How the run came about. */
export function madeLine({ made, subjects, workloads }: Run, blocks: number): string {
  return (
    `${blocks} blocks of ${subjects.length} servers and ${workloads.length} workloads, ${made.pace.warmupMs} ms of warming up ` +
    `and ${made.pace.measureMs} ms measured each, a fresh process for each; seed ${made.seed}; ${made.at}; ${seconds(made.tookMs)}`
  )
}

export function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
