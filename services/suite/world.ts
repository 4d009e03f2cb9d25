import type { Random } from '@switchyard/core'
import type { Restart, Strategy } from '../src/index.ts'

/** A service that takes messages one by one, and passes each on if it is told to whom. */
export interface WorldService {
  readonly kind: 'service'
  readonly name: string
  readonly restart: Restart
  readonly capacity: number
  readonly onDeath: 'transfer' | 'fail'
  readonly stopMs: number
  /** Who gets a message for each one that was done. */
  readonly to: string | undefined
  /** It returns with that many messages done, the last one still in its hand. Infinity: only when it is told to. */
  readonly quitsAfter: number
}

export interface WorldSupervisor {
  readonly kind: 'supervisor'
  readonly name: string
  readonly restart: Restart
  readonly strategy: Strategy
  readonly intensity: number
  readonly periodMs: number
  readonly stopMs: number
  readonly children: readonly WorldChild[]
}

export type WorldChild = WorldService | WorldSupervisor

/** Somebody outside of the tree, who sends so many messages, one after the other. */
export interface WorldClient {
  readonly to: string
  readonly count: number
  /** Whether the next one is sent before the last one is answered. */
  readonly hasty: boolean
}

/** Services, and how much goes wrong with them, each time where the schedule chooses. */
export interface ServicesWorld {
  readonly root: WorldSupervisor
  readonly clients: readonly WorldClient[]
  /** At most so many services throw, each where it awaits something. */
  readonly failures: number
  /** At most so many stand still where they await something, until their incarnation is over. */
  readonly standstills: number
  /** Whether services may throw or stand still while they start for the first time: then there is no tree. */
  readonly mayNotStart: boolean
  /** Whether the schedule may stop the tree before everything has come to rest. */
  readonly stop: boolean
}

const STRATEGIES: readonly Strategy[] = ['one-for-one', 'one-for-all', 'rest-for-one']
const RESTARTS: readonly Restart[] = ['permanent', 'permanent', 'transient', 'temporary']
const STOPS_MS = [0, 100, 5_000]

/** Two to four services, some of them below a supervisor of their own. */
export function randomServices(random: Random): ServicesWorld {
  const names = ['a', 'b', 'c', 'd'].slice(0, 2 + random.below(3))
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)]!
  const services = names.map((name): WorldService => ({
    kind: 'service',
    name,
    restart: pick(RESTARTS),
    capacity: 1 + random.below(2),
    onDeath: pick(['transfer', 'transfer', 'fail']),
    stopMs: pick(STOPS_MS),
    to: pick([undefined, undefined, ...names]),
    quitsAfter: pick([Infinity, Infinity, 1, 2]),
  }))
  const supervisor = (name: string, children: readonly WorldChild[]): WorldSupervisor => ({
    kind: 'supervisor',
    name,
    restart: pick(RESTARTS),
    strategy: pick(STRATEGIES),
    intensity: random.below(4),
    periodMs: 1_000,
    stopMs: pick([Infinity, Infinity, 100]),
    children,
  })
  const split = random.below(services.length)
  const nested = random.below(2) === 1
  const children = nested ? [...services.slice(0, split), supervisor('sub', services.slice(split))] : services
  return {
    root: supervisor('root', children),
    clients: Array.from({ length: 1 + random.below(3) }, () => ({
      to: pick(names),
      count: 1 + random.below(4),
      hasty: random.below(2) === 1,
    })),
    failures: random.below(4),
    standstills: random.below(3),
    mayNotStart: random.below(4) === 0,
    stop: random.below(2) === 1,
  }
}
