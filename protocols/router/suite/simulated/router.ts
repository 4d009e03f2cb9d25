import { limitsOf } from '@switchyard/core'
import { Router } from '../../src/index.ts'
import type { SimulatedProtocol, World } from '@switchyard/sim'
import { invariantsOf } from '@switchyard/simulated'
import type { Invariant } from '@switchyard/simulated'
import { RouterChecker } from './checker.ts'
import type { RouterLedger } from './ledger.ts'
import { ROUTER_SPEECH } from './speech.ts'
import type { RouterSay } from './speech.ts'
import { randomWorld, smallWorld, WORLD_KINDS } from './worlds.ts'

/** The router, checked by its own rules and by what the pattern declares. */
export const SIMULATED_ROUTER: SimulatedProtocol<RouterSay> = {
  speech: ROUTER_SPEECH,
  worlds: WORLD_KINDS.map((kind) => (random) => randomWorld(random, kind)),
  smallWorld,
  create: ({ limits }) => new Router(limitsOf(limits)),
  checkerOf: (world, pattern) => new RouterChecker(world, invariantsOf(pattern, world)),
}

/** The router, checked by its own rules and by these invariants, whatever the pattern declares. */
export function routerWith(
  invariants: (world: World<RouterSay>) => readonly Invariant<RouterLedger, RouterSay>[],
): SimulatedProtocol<RouterSay> {
  return { ...SIMULATED_ROUTER, checkerOf: (world) => new RouterChecker(world, invariants(world)) }
}
