import { limitsOf } from '@switchyard/core'
import type { Pattern, Random } from '@switchyard/core'
import { runSeeds, startOf } from '@switchyard/sim'
import type { SimulatedProtocol, Violation, World } from '@switchyard/sim'
import { DeliveryChecker } from '@switchyard/simulated'
import { routerWith } from '../../suite/simulated/index.ts'
import type { RouterSay } from '../../suite/simulated/index.ts'
import { describe, expect, test } from 'vitest'
import { randomWorld, WORLD_KINDS } from '../../suite/simulated/worlds.ts'
import type { WorldKind } from '../../suite/simulated/worlds.ts'
import { FaultyRouter } from './faulty-router.ts'
import type { RouterFault } from './faulty-router.ts'
import { toy } from './toy.ts'
import type { ToyFault } from './toy.ts'

const RUNS_MAX = 2_000

/** By its own rules alone; and by what is in the outbox. */
const ROUTER = routerWith(() => [])
const ANY: SimulatedProtocol<RouterSay> = {
  ...ROUTER,
  checkerOf: (world, pattern) => new DeliveryChecker(world, pattern),
}

type Row<Fault> = readonly [fault: Fault, kind: WorldKind, clauses: readonly string[]]

/** Clauses that may be named: a fault shows in more than one way, and the checker names what it sees first. */
const ROUTER_FAULTS: readonly Row<RouterFault>[] = [
  ['gives one id to all', 'calm', ['R2.1']],
  ['greets before the id', 'calm', ['R1.2']],
  ['sends the newest first', 'calm', ['R3.2']],
  ['sends each message twice', 'calm', ['R3.4']],
  ['sends to a neighbour too', 'calm', ['R3.1']],
  ['sends the id along', 'calm', ['R1.4']],
  ['ends messages with a newline too', 'calm', ['R1.4', 'R3.3']],
  ['ignores messages to oneself', 'calm', ['R3.2', 'R3.4']],
  ['forwards before the NUL', 'calm', ['R3.5', 'R3.3']],
  ['forwards what a FIN cut', 'faults', ['R3.5', 'R1.4']],
  ['ends whoever names nobody', 'faults', ['R3.7', 'R4.2']],
  ['has no limit for messages', 'limits', ['R5.1']],
  ['ends messages of half the limit', 'limits', ['R3.4', 'R4.2', 'R3.7', 'R5.3']],
]

const TOY_FAULTS: readonly Row<ToyFault>[] = [
  ['holds nobody back', 'limits', ['R5.4']],
  ['holds one lock while it reads', 'calm', ['G1']],
  ['writes a message in two parts', 'calm', ['R3.3']],
  ['loses a chunk that comes while a write is pending', 'calm', ['R3.2', 'R3.4']],
  ['never leaves', 'faults', ['R4.1', 'R4.2']],
  ['ends before it has flushed', 'faults', ['R4.1', 'R5.4']],
  ['does not close', 'faults', ['R4.1']],
  ['ends everybody when one resets', 'faults', ['R4.2']],
  ['has no write deadline', 'limits', ['R5.3']],
  ['ends slow readers early', 'limits', ['R5.3']],
  ['shuts down without a bound', 'shutdown', ['R4.3', 'R5.3']],
  ['destroys at shutdown', 'shutdown', ['R4.3', 'R3.4', 'R4.2', 'R5.3']],
  ['handles nothing that it has read at shutdown', 'shutdown', ['R4.3']],
]

describe('the checker of the router catches', () => {
  for (const [fault, kind, clauses] of ROUTER_FAULTS) {
    test(`a router that ${fault}: ${clauses.join(' or ')}`, async () => {
      const found = await search(kind, toy(), {
        ...ROUTER,
        create: ({ limits }) => new FaultyRouter(fault, limitsOf(limits)),
      })
      expect(clauses, found?.message).toContain(found?.clause)
    })
  }

  for (const [fault, kind, clauses] of TOY_FAULTS) {
    test(`a pattern that ${fault}: ${clauses.join(' or ')}`, async () => {
      const found = await search(kind, toy(fault), ROUTER)
      expect(clauses, found?.message).toContain(found?.clause)
    })
  }
})

describe('the checker of deliveries, which knows no protocol,', () => {
  for (const [fault, kind] of TOY_FAULTS) {
    test(`catches a pattern that ${fault}`, async () => {
      expect(await search(kind, toy(fault), ANY)).toBeDefined()
    })
  }

  for (const [fault, kind] of ROUTER_FAULTS) {
    test(`has nothing to say of a router that ${fault}: that is the protocol's affair`, async () => {
      const faulty = { ...ANY, create: ({ limits }: World) => new FaultyRouter(fault, limitsOf(limits)) }
      expect(await search(kind, toy(), faulty, 200)).toBeUndefined()
    })
  }
})

describe.each([
  ['the router', ROUTER],
  ['deliveries', ANY],
] as const)('the checker of %s has nothing to say of a server without a fault', (_, protocol) => {
  for (const kind of WORLD_KINDS) {
    test(`in ${kind} worlds`, async () => {
      expect(await search(kind, toy(), protocol, 400)).toBeUndefined()
    })
  }
})

async function search(
  kind: WorldKind,
  pattern: Pattern,
  protocol: SimulatedProtocol<RouterSay>,
  runs: number = RUNS_MAX,
): Promise<Violation | undefined> {
  const world = (random: Random): World<RouterSay> => randomWorld(random, kind)
  for await (const { outcome } of runSeeds({ start: startOf(protocol, pattern), world, from: 0, to: runs - 1 })) {
    if (outcome.violation) return outcome.violation
  }
  return undefined
}
