import type { Pattern, Protocol, Random } from '@switchyard/core'
import type { Checker } from './checker.ts'
import type { Start } from './seeds.ts'
import { Simulation } from './simulation.ts'
import type { Speech } from './speech.ts'
import type { World } from './world.ts'

/** What it takes to simulate one protocol, whatever the pattern that runs it. */
export interface SimulatedProtocol<Say> {
  readonly speech: Speech<Say>
  /** Kinds of worlds, each made by a seed. */
  readonly worlds: readonly ((random: Random) => World<Say>)[]
  /** A world of which every schedule can be tried. */
  smallWorld(): World<Say>
  create(world: World<Say>): Protocol
  /** What runs it: several servers of the pattern, joined. Default: one. */
  servedBy?(pattern: Pattern): Pattern
  /** A checker for one run, which asks for what the pattern declares. */
  checkerOf(world: World<Say>, pattern: Pattern): ProtocolChecker<Say>
}

/** A checker that looks at the protocol's steps, too. */
export interface ProtocolChecker<Say> extends Checker<Say> {
  /** The protocol that the server has to run: `protocol`, observed. */
  watch(protocol: Protocol): Protocol
}

/** Runs of one protocol by one pattern. */
export function startOf<Say>(
  protocol: Pick<SimulatedProtocol<Say>, 'speech' | 'create' | 'checkerOf' | 'servedBy'>,
  pattern: Pattern,
): Start<Say> {
  return (world, choices) => {
    const { speech } = protocol
    const checker = protocol.checkerOf(world, pattern)
    const createProtocol = (given: World<Say>): Protocol => checker.watch(protocol.create(given))
    const served = protocol.servedBy?.(pattern) ?? pattern
    return new Simulation({ pattern: served, world, choices, checker, speech, createProtocol })
  }
}
