import { Random } from '@switchyard/core'
import type { Limits } from '@switchyard/core'
import type { Move, SimulatedProtocol, World } from '@switchyard/sim'
import { describeFault } from './fault.ts'
import type { Fault } from './fault.ts'
import { faultsOf } from './plan.ts'

/** What one client does, and what happens to it. */
export interface ScriptedClient {
  readonly name: string
  readonly moves: readonly Move[]
  /** Empty: it is connected without a proxy. */
  readonly faults: readonly Fault[]
}

/** What a seed chooses for any protocol: clients say what they say in its simulated worlds, and things happen to some of them. */
export interface Script {
  readonly seed: number
  readonly world: World
  readonly limits: Partial<Limits>
  readonly clients: readonly ScriptedClient[]
  readonly healMs: number
}

/** A kernel takes all of it: what is said in a simulated world is short. */
const BYTES = { up: 300, down: 600 } as const
const HEAL_MS = { min: 10, max: 40 } as const
/** Nobody is to miss a deadline: what a client's script says is owed to it. */
const LIMITS = { writeDeadlineMs: 60_000, lingerMs: 40, graceMs: 2_000 } as const

/** The first of its kinds of worlds is one in which nothing goes wrong by itself. Of the clients the first is never faulted. */
export function scriptOf({ worlds: [calm] }: SimulatedProtocol<unknown>, seed: number): Script {
  if (!calm) throw new RangeError('a protocol that is simulated has at least one kind of world')
  const world = calm(new Random(seed))
  const random = new Random(seed)
  const healMs = random.integer(HEAL_MS.min, HEAL_MS.max)
  const clients = world.clients.map((moves, place) => {
    const faulted = place > 0 && random.below(3) > 0
    return { name: `client ${place}`, moves, faults: faulted ? faultsOf(BYTES, 0, healMs, random) : [] }
  })
  return { seed, world, limits: { ...world.limits, ...LIMITS }, clients, healMs }
}

/** For people: a line for each fault, and for each client how much it does. */
export function renderScript({ seed, clients, healMs }: Script): string {
  const lines = clients.flatMap(({ name, moves, faults }) => [
    `  ${name} makes ${moves.length} moves`,
    ...faults.map((fault) => `  ${name} ${describeFault(fault)}`),
  ])
  return [`seed ${seed}, healed at ${healMs} ms`, ...lines].join('\n')
}
