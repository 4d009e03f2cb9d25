/**
 * Three nodes in simulation, on a bus that a client of the world breaks: so troubles are moves like all others, in an order that the
 * schedule chooses, and shrinking takes them away. `checker.ts` does the books.
 */
import { limitsOf } from '@switchyard/core'
import type { SimulatedProtocol, World } from '@switchyard/sim'
import { Cluster, SOUND, together } from '../cluster.ts'
import type { Parts } from '../cluster.ts'
import { NodesChecker } from './checker.ts'
import { NODES_SPEECH } from './speech.ts'
import type { NodesSay } from './speech.ts'
import { smallWorld, WORLDS } from './worlds.ts'

export { partsOf, SOUND } from '../cluster.ts'
export type { Parts } from '../cluster.ts'

const WINDOW_BYTES = 48

export const SIMULATED_NODES: SimulatedProtocol<NodesSay> = nodesOf(SOUND)

/** `parts` are sound, or have a planted fault. */
export function nodesOf(parts: Parts): SimulatedProtocol<NodesSay> {
  return {
    speech: NODES_SPEECH,
    worlds: WORLDS,
    smallWorld,
    create: (world) => {
      const { messageBytesMax } = limitsOf(world.limits)
      return new Cluster({ messageBytesMax, windowBytes: windowOf(world) }, parts)
    },
    checkerOf: (world, pattern) => new NodesChecker(world, pattern, windowOf(world)),
    servedBy: together,
  }
}

function windowOf({ options }: World): number {
  return options?.['windowBytes'] ?? WINDOW_BYTES
}
