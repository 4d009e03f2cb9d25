import { pacedRun } from './paced-run.ts'
import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import { serverNamed } from './servers.ts'

/** When reading changes, for whom, and what is counted after that. */
export interface Question {
  readonly server: string
  readonly client: number
  readonly everyMs: number | 'never'
  readonly from: number
  readonly seconds: number
}

/**
 * How many messages have arrived at clients that have nothing to do with `client` (it, and its partner in the pairs), for
 * each second after its reading changed: the first number is 0.
 */
export async function arrivalsOf(scenario: Scenario, question: Question): Promise<readonly number[]> {
  const { server, client, everyMs, from, seconds } = question
  const run = pacedRun(serverNamed(server), {
    ...scenario,
    servers: [server],
    paces: [{ at: from, client, everyMs }],
  })
  const counts: number[] = []
  for (let second = 0; second <= seconds; second++) {
    await run.advance(from + second * 1000)
    counts.push(strangers(run, client))
  }
  const [first = 0] = counts
  return counts.map((count) => count - first)
}

function strangers(run: Run, client: number): number {
  const { clients } = run.frames.at(-1)!
  return clients.reduce(
    (sum, { received }, index) => (index === client || index === (client ^ 1) ? sum : sum + received),
    0,
  )
}
