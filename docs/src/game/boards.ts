/** The protocols that levels are played in: how each is simulated, with its own sources or with a copy of them that has a planted fault. */
import type { Pattern } from '@switchyard/core'
import { Chat } from '@switchyard/protocols/chat'
import { CHAT_OPTIONS, SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { Epmd } from '@switchyard/protocols/epmd'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { SIMULATED_EXCHANGE } from '@switchyard/protocols/exchange/simulated'
import { Mux } from '@switchyard/protocols/mux'
import { SIMULATED_MUX, twoEnds } from '@switchyard/protocols/mux/simulated'
import { NodeRouter } from '@switchyard/protocols/nodes'
import { nodesOf, SIMULATED_NODES, SOUND } from '@switchyard/protocols/nodes/simulated'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { decodeRun, explore, startOf } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import { isCopy, missing } from '../lab/evaluate.ts'
import type { Exports } from '../lab/evaluate.ts'
import { mirrored, picksOf, positionAfter } from './match.ts'
import type { Mirrored, Position, Table } from './match.ts'

/** What runs: a pattern, and the protocol's sources where they are not the sound ones. */
export interface Contender {
  readonly pattern: Pattern
  readonly protocol?: Exports
}

/** What became of the orders of one world. */
export interface Orders {
  readonly run: number
  /** Every order was run, or left out because it leads to what another one has led to. */
  readonly complete: boolean
  /** The clauses that were broken. */
  readonly broken: readonly string[]
}

/** One protocol, whatever its clients say. A line gives the world, and is played from its beginning. */
export interface Board {
  position(line: string, contender: Contender, picks: readonly number[]): Promise<Position>
  /** The picks of the line's own schedule. */
  par(line: string, contender: Contender): Promise<readonly number[]>
  /** The player's order of events on another server. */
  mirror(line: string, contender: Contender, picks: readonly number[], other: Contender): Promise<Mirrored>
  /** The orders of the line's world, up to so many. */
  explore(line: string, contender: Contender, runsMax: number): Promise<Orders>
}

export type Played = 'router' | 'chat' | 'exchange' | 'mux' | 'epmd' | 'nodes'

export const BOARDS: Readonly<Record<Played, Board>> = {
  router: board(SIMULATED_ROUTER),
  chat: board(SIMULATED_CHAT, ({ Chat: Copy }) => {
    if (!isCopy(Copy, Chat)) throw missing('Chat')
    return { ...SIMULATED_CHAT, create: () => new Copy(CHAT_OPTIONS) }
  }),
  exchange: board(SIMULATED_EXCHANGE),
  mux: board(SIMULATED_MUX, ({ Mux: Copy }) => {
    if (!isCopy(Copy, Mux)) throw missing('Mux')
    return { ...SIMULATED_MUX, create: () => twoEnds(Copy) }
  }),
  epmd: board(SIMULATED_EPMD, ({ Epmd: Copy }) => {
    if (!isCopy(Copy, Epmd)) throw missing('Epmd')
    return { ...SIMULATED_EPMD, create: () => new Copy({ port: 0, firstCreation: 4 }) }
  }),
  nodes: board(SIMULATED_NODES, ({ NodeRouter: Router }) => {
    if (!isCopy(Router, NodeRouter)) throw missing('NodeRouter')
    return nodesOf({ ...SOUND, Router })
  }),
}

function board<Say>(sound: SimulatedProtocol<Say>, remade?: (exports: Exports) => SimulatedProtocol<Say>): Board {
  const { speech } = sound
  const protocolOf = ({ protocol }: Contender): SimulatedProtocol<Say> =>
    protocol && remade ? remade(protocol) : sound
  const tableOf = (line: string, contender: Contender): Table<Say> => ({
    start: startOf(protocolOf(contender), contender.pattern),
    world: decodeRun(line, speech).world,
    speech,
  })
  return {
    position: (line, contender, picks) => positionAfter(tableOf(line, contender), picks),
    par: (line, contender) => picksOf(tableOf(line, contender), decodeRun(line, speech).schedule),
    mirror: (line, contender, picks, other) => mirrored(tableOf(line, contender), picks, tableOf(line, other).start),
    async explore(line, contender, runsMax) {
      const { start, world } = tableOf(line, contender)
      const mode = { kind: 'exhaustive', splitsMax: 0 } as const
      const { explored, complete, failures } = await explore({ start, world, mode, failuresMax: Infinity, runsMax })
      return { run: explored, complete, broken: [...new Set(failures.map(({ violation }) => violation.clause))] }
    },
  }
}
