import type { World } from '@switchyard/sim'
import type { Invariant } from '@switchyard/simulated'
import { RunChecker } from '@switchyard/simulated'
import { Bounds } from './bounds.ts'
import { RouterLedger } from './ledger.ts'
import { RouterReading } from './reading.ts'
import type { RouterSay } from './speech.ts'

/** Checks one run of a router: clauses 1 to 5 and G1, by what its clients have sent. */
export class RouterChecker extends RunChecker<RouterLedger, RouterSay> {
  constructor(world: World<RouterSay>, invariants: readonly Invariant<RouterLedger, RouterSay>[] = []) {
    const ledger = new RouterLedger(world)
    const readings = world.clients.map((_, client) => new RouterReading(ledger, client))
    const bounds = new Bounds(world, ledger.limits.queuedBytesMax)
    super(world, { ledger, readings, invariants: [bounds, ...invariants], lost: 'R3.4' })
  }
}
