import type { FaultRun, Ledger, Planned } from '@switchyard/stress/faults'
import type { Known } from '../patterns.ts'

/** One server under a row of seeds. Plain data: fit for JSON. */
export interface Faulted {
  readonly name: string
  readonly seeds: { readonly from: number; readonly count: number }
  readonly failures: readonly Failure[]
  /** Summed over all seeds. */
  readonly ledger: Ledger
  /** Connections by the reason for which they were closed. */
  readonly closes: Readonly<Record<string, number>>
  readonly seconds: number
}

export interface Failure {
  readonly seed: number
  readonly problems: readonly string[]
  /** For people. */
  readonly plan: string
  readonly replay: string
}

const NOTHING: Ledger = {
  decided: { count: 0, bytes: 0 },
  handedOver: { count: 0, bytes: 0 },
  notConnected: { count: 0, bytes: 0 },
  aborted: { count: 0, bytes: 0 },
  queued: 0,
}

/** A verdict needs no more examples; a server that hangs takes a while for each. */
const FAILURES_MAX = 5

/** What the seeds of one protocol choose. */
export interface Faults {
  readonly protocol: string
  readonly planOf: (seed: number) => Planned
}

/** Runs the seeds one after the other, each alone in the process. Ends early after a few failures. */
export async function runSeeds(
  { pattern }: Known,
  { protocol, planOf }: Faults,
  { from, count }: Faulted['seeds'],
  onProgress: (text: string) => void,
): Promise<Faulted> {
  const { name } = pattern
  const startedAt = performance.now()
  const failures: Failure[] = []
  const closes: Record<string, number> = {}
  let ledger = NOTHING
  let ran = 0
  while (ran < count && failures.length < FAILURES_MAX) {
    const seed = from + ran++
    const planned = planOf(seed)
    onProgress(`${name}: seed ${seed}, ${ran}/${count}`)
    const result = await planned.run(pattern)
    ledger = sum(ledger, result)
    for (const [reason, times] of Object.entries(result.closes ?? {})) closes[reason] = (closes[reason] ?? 0) + times
    if (result.problems.length === 0) continue
    const of = protocol === 'router' ? '' : ` --protocol ${protocol}`
    const replay = `switchyard faults ${name}${of} --seed ${seed} --seeds 1`
    failures.push({ seed, problems: result.problems, plan: planned.text, replay })
  }
  const seconds = (performance.now() - startedAt) / 1000
  return { name, seeds: { from, count: ran }, failures, ledger, closes, seconds }
}

function sum(total: Ledger, { ledger = NOTHING }: FaultRun): Ledger {
  const both = (of: 'decided' | 'handedOver' | 'notConnected' | 'aborted'): Ledger['decided'] => ({
    count: total[of].count + ledger[of].count,
    bytes: total[of].bytes + ledger[of].bytes,
  })
  return {
    decided: both('decided'),
    handedOver: both('handedOver'),
    notConnected: both('notConnected'),
    aborted: both('aborted'),
    queued: total.queued + ledger.queued,
  }
}
