import type { Pattern } from '@switchyard/core'
import { everybodyReads } from '@switchyard/sim'
import type { World } from '@switchyard/sim'
import { GroupsCommits, Isolation, Served } from './guarantees.ts'
import type { Invariant } from './model.ts'
import { Ordered } from './order.ts'
import { Explained } from './waiting.ts'

/** What "served within a stated number of turns" states (G5): one to read, one to decide, one to deliver, one to spare. */
export const SERVED_WITHIN_TURNS = 4

/** What a pattern has to prove beside the clauses: fresh invariants for one run, for what it declares and no more. */
export function invariantsOf({ guarantees, order }: Pattern, world: World): readonly Invariant[] {
  return [
    new Explained(),
    ...(order === undefined ? [] : [new Ordered(order, world.clients.length)]),
    // A group is as large as what may wait: where the limits are small, a queue can be full before two clients are in it.
    ...(guarantees.G11 && everybodyReads(world) && world.disk === 'slow' && !world.limits.queuedBytesMax
      ? [new GroupsCommits()]
      : []),
    ...(guarantees.G2 && guarantees.G4 ? [new Isolation()] : []),
    // It speaks of destinations that keep up, and of a disk that does.
    ...(guarantees.G5 && everybodyReads(world) && !world.disk ? [new Served(SERVED_WITHIN_TURNS)] : []),
  ]
}
