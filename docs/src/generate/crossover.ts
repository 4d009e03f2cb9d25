import { arrivalsOf } from '../stage/curve.ts'
import { DEFAULT_SCENARIO } from '../stage/scenario.ts'
import { FIVE } from '../stage/servers.ts'

/** What one slow reader costs those who have nothing to do with it, for each server and each speed of that reader. */
export interface Crossover {
  readonly seconds: number
  readonly everyMs: readonly (number | 'never')[]
  /** Messages that arrived in that time; one number for each speed. */
  readonly arrived: Readonly<Record<string, readonly number[]>>
}

const EVERY_MS = [30, 250, 500, 1000, 1500, 2000, 2500, 3000, 'never'] as const
const SECONDS = 10
const FROM_MS = 2_000
const SLOW_CLIENT = 5

/** Simulated, so the same on every machine: a test makes it again. */
export async function crossover(): Promise<Crossover> {
  const arrived: Record<string, number[]> = {}
  for (const { name } of FIVE) {
    const counts: number[] = []
    for (const everyMs of EVERY_MS) {
      const question = { server: name, client: SLOW_CLIENT, everyMs, from: FROM_MS, seconds: SECONDS }
      // The end of the trouble is not what is asked for: no deadline comes within the time that is looked at.
      const curve = await arrivalsOf({ ...DEFAULT_SCENARIO, writeDeadlineMs: 60_000 }, question)
      counts.push(curve.at(-1) ?? 0)
    }
    arrived[name] = counts
  }
  return { seconds: SECONDS, everyMs: EVERY_MS, arrived }
}
