/** The protocols that levels are played in: how each is simulated, and how a file of it that was changed is put in the place of its own. */
import type { Pattern, Protocol } from '@switchyard/core'
import { SIMULATED_CHAT } from '@switchyard/protocols/chat/simulated'
import { SIMULATED_EPMD } from '@switchyard/protocols/epmd/simulated'
import { SIMULATED_EXCHANGE } from '@switchyard/protocols/exchange/simulated'
import { SIMULATED_MUX } from '@switchyard/protocols/mux/simulated'
import { SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import { decodeRun, encodeRun, explore, startOf } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import { mirrored, picksOf, positionAfter } from './match.ts'
import type { Position } from './match.ts'

/** What runs: a pattern, and what makes the protocol where it is not the sound one. */
export interface Contender {
  readonly pattern: Pattern
  readonly create?: () => Protocol
}

export interface Explored {
  readonly orders: number
  /** Every order was run, or left out because it leads to the same. */
  readonly complete: boolean
  /** The run that breaks the clause with the fewest events. */
  readonly shortest: { readonly line: string; readonly events: number } | null
  /** Clauses that were broken. */
  readonly clauses: readonly string[]
}

/** One protocol, whatever its clients say. A line gives the world, and is played from its beginning. */
export interface Board {
  position(line: string, contender: Contender, picks: readonly number[]): Promise<Position>
  /** The picks that follow the line's schedule. */
  par(line: string, contender: Contender): Promise<readonly number[]>
  /** The player's order of events on another server. */
  mirror(
    line: string,
    contender: Contender,
    picks: readonly number[],
    other: Contender,
  ): Promise<Pick<Position, 'violation' | 'chart'>>
  /** Every order of the line's world, up to `ordersMax`. */
  explore(line: string, contender: Contender, clause: string, ordersMax: number): Promise<Explored>
}

function board<Say>(protocol: SimulatedProtocol<Say>): Board {
  const { speech } = protocol
  const tableOf = (line: string, contender: Contender) => ({
    start: started(contender),
    world: decodeRun(line, speech).world,
    speech,
  })
  const started = ({ pattern, create }: Contender) => startOf(create ? { ...protocol, create } : protocol, pattern)
  return {
    position: (line, contender, picks) => positionAfter(tableOf(line, contender), picks),
    par: (line, contender) => picksOf(tableOf(line, contender), decodeRun(line, speech).schedule),
    mirror: (line, contender, picks, other) => mirrored(tableOf(line, contender), picks, started(other)),
    async explore(line, contender, clause, ordersMax) {
      const { start, world } = tableOf(line, contender)
      const { explored, complete, failures } = await explore({
        start,
        world,
        mode: { kind: 'exhaustive', splitsMax: 0 },
        failuresMax: Infinity,
        runsMax: ordersMax,
      })
      const [shortest] = failures
        .filter(({ violation }) => violation.clause === clause)
        .toSorted((a, b) => a.outcome.events.length - b.outcome.events.length)
      return {
        orders: explored,
        complete,
        shortest: shortest
          ? {
              line: encodeRun({ pattern: contender.pattern.name, world, schedule: shortest.schedule }, speech),
              events: shortest.outcome.events.length,
            }
          : null,
        clauses: [...new Set(failures.map(({ violation }) => violation.clause))],
      }
    },
  }
}

export type Played = 'router' | 'chat' | 'exchange' | 'mux' | 'epmd'

export const BOARDS: Readonly<Record<Played, Board>> = {
  router: board(SIMULATED_ROUTER),
  chat: board(SIMULATED_CHAT),
  exchange: board(SIMULATED_EXCHANGE),
  mux: board(SIMULATED_MUX),
  epmd: board(SIMULATED_EPMD),
}
