import type { Pattern } from '@switchyard/core'
import type { Event, Violation, World } from '@switchyard/sim'
import type { Invariant, Model } from './model.ts'
import { OutboxBounds } from './outbox-bounds.ts'
import { OutboxLedger } from './outbox-ledger.ts'
import { RunChecker } from './run-checker.ts'
import { Stream } from './stream.ts'

/**
 * Checks one run of any protocol by what the protocol puts into its outbox: the protocol is given
 * what each client has sent, and each client reads what was accepted for it, in order, each delivery whole and once; it is ended for a reason; memory is bounded; at the end nothing is held. So it sees
 * every fault of a pattern, and none of a protocol. What the pattern declares (`invariantsOf`), and what
 * must hold of a protocol, are `invariants`.
 */
export class DeliveryChecker<Say> extends RunChecker<OutboxLedger, Say> {
  constructor(
    world: World<Say>,
    { order }: Pick<Pattern, 'order'>,
    invariants: readonly Invariant<OutboxLedger, Say>[] = [],
  ) {
    const ledger = new OutboxLedger(world)
    const readings = ledger.accounts.map((account) => new Stream(account, world.clients.length, order !== undefined))
    const all = [new Heard(), new OutboxBounds(world), ...invariants]
    super(world, { ledger, readings, invariants: all, lost: 'delivery' })
  }
}

/** What the protocol is given of each client is what that client has sent, in order. */
class Heard implements Invariant<OutboxLedger> {
  after(_: Event, { ledger }: Model<OutboxLedger>): Violation | undefined {
    return ledger.misheard
  }
}
