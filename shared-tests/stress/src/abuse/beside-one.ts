import type { Socket } from 'node:net'
import { wait } from '@switchyard/harness'
import { HEAP_NOISE_BYTES } from './abuse.ts'
import type { Abuse, Measured, Scale } from './abuse.ts'
import type { Bystander } from './bystander.ts'
import { ConnectionPool } from './connection-pool.ts'
import { eventually } from './eventually.ts'

const QUIET_MS = 2_000

/** An abuse, while it is done. */
export interface Situation {
  readonly victim: Measured
  readonly rude: ConnectionPool
  readonly scale: Scale
  readonly problems: string[]
  readonly figures: Record<string, number>
}

/** Does it twice, beside one bystander: what is held may not grow from one time to the next. */
export function besideOne(
  name: string,
  what: string,
  bystanderAt: (socket: Socket) => Bystander,
  abuse: (situation: Situation) => Promise<void>,
): Abuse {
  return {
    name,
    what,
    async run(victims, scale) {
      await using victim = await victims.measured({})
      using pool = new ConnectionPool(victim.port)
      using rude = new ConnectionPool(victim.port)
      using bystander = bystanderAt(await pool.socket())
      const problems: string[] = []
      const figures: Record<string, number> = {}
      const quiet = await bystander.during(() => wait(scale === 'full' ? QUIET_MS : QUIET_MS / 10))
      await victim.heldBytes()
      const { rssBytes } = await victim.resident()
      const held: number[] = []
      const noticed = await bystander.during(async () => {
        for (let time = 0; time < 2; time++) {
          await abuse({ victim, rude, scale, problems, figures })
          rude.leave()
          if (!(await eventually(async () => (await victim.statistics()).connections.open === 1))) {
            problems.push('connections that have left are still counted')
          }
          held.push(await victim.heldBytes())
        }
      })
      const [first = 0, second = 0] = held
      if (second - first > HEAP_NOISE_BYTES)
        problems.push(`${second - first} bytes more are held after the second time`)
      if (bystander.problem !== undefined) problems.push(bystander.problem)
      const { peakRssBytes } = await victim.resident()
      const { bytesIn } = await victim.statistics()
      return {
        problems,
        figures: {
          bytes: bytesIn,
          rssBeforeBytes: rssBytes,
          peakRssBytes,
          heldAfterFirstBytes: first,
          heldAfterSecondBytes: second,
          quietP50Ms: quiet.p50Ms,
          quietP99Ms: quiet.p99Ms,
          meanwhileP50Ms: noticed.p50Ms,
          meanwhileP99Ms: noticed.p99Ms,
          meanwhileMaxMs: noticed.maxMs,
          roundTrips: noticed.count,
          ...figures,
        },
      }
    },
  }
}
