/** Small worlds in full: a service fails, or stands still, at each of its awaits, under every strategy. */
import { describe, expect, it } from 'vitest'
import * as services from '../src/index.ts'
import type { Restart, Strategy } from '../src/index.ts'
import { Deviations, runServices } from '../suite/index.ts'
import type { ServicesWorld } from '../suite/index.ts'

const STRATEGIES: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one']
const RESTARTS: readonly Restart[] = ['permanent', 'transient', 'temporary']

/** Two services that send to each other, so that full mailboxes make a ring; and two clients. */
function ring(strategy: Strategy, restart: Restart, onDeath: 'transfer' | 'fail'): ServicesWorld {
  const service = { kind: 'service', restart, capacity: 1, onDeath, stopMs: 100, quitsAfter: 2 } as const
  return {
    root: {
      kind: 'supervisor',
      name: 'root',
      restart: 'permanent',
      strategy,
      intensity: 2,
      periodMs: 1_000,
      stopMs: Infinity,
      children: [
        { ...service, name: 'a', to: 'b' },
        { ...service, name: 'b', to: 'a' },
      ],
    },
    clients: ['a', 'b'].map((to) => ({ to, count: 2, hasty: true })),
    failures: 2,
    standstills: 1,
    mayNotStart: true,
    stop: true,
  }
}

describe.each(STRATEGIES)('%s', (strategy) => {
  describe.each(RESTARTS)('%s', (restart) => {
    it.each(['transfer', 'fail'] as const)('%s: no rule is broken by a single deviation', async (onDeath) => {
      const { runs, violation } = await every(ring(strategy, restart, onDeath), 1)
      expect(violation).toBeUndefined()
      expect(runs).toBeGreaterThan(50)
    })
  })
})

it('no rule is broken by any two', async () => {
  const { runs, violation } = await every(ring('one-for-all', 'permanent', 'transfer'), 2)
  expect(violation).toBeUndefined()
  expect(runs).toBeGreaterThan(1_000)
})

async function every(
  world: ServicesWorld,
  deviations: number,
): Promise<{ runs: number; violation: string | undefined }> {
  const choices = new Deviations(deviations)
  for (let runs = 1; ; runs++) {
    const { violation, events } = await runServices(services, world, choices)
    if (violation) return { runs, violation: `${violation.clause}: ${violation.message}\n${events.join('\n')}` }
    if (!choices.next()) return { runs, violation: undefined }
  }
}
