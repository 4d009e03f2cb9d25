import { median } from '@switchyard/bench'
import { drawn, explore, settle, startOf } from '@switchyard/sim'
import type { SimulatedProtocol } from '@switchyard/sim'
import type { Explorable } from '@switchyard/simulated'

/** How fast a server is simulated, the checker on, beside a loop that settles as often and does nothing. */
export interface Rate {
  readonly name: string
  /** Medians over the blocks. */
  readonly eventsPerSecond: number
  readonly ofEmptyLoop: number
  /** `ofEmptyLoop` of each block: one stretch of schedules, and just before and after it a stretch of the empty loop. */
  readonly blocks: readonly number[]
}

const BLOCKS = 11
const SCHEDULES_A_BLOCK = 300
const EMPTY_HOPS = 20_000

/** Blocks of one server and the empty loop take turns, so that a noisy machine disturbs both alike. */
export async function rateOf(
  protocol: SimulatedProtocol<unknown>,
  known: Explorable,
  show: (text: string) => void,
): Promise<Rate> {
  const rates: number[] = []
  const ratios: number[] = []
  let emptyBefore = await emptyLoop()
  for (let block = 0; block < BLOCKS; block++) {
    show(`Simulating ${known.pattern.name}: block ${block + 1} of ${BLOCKS}`)
    const rate = await simulated(protocol, known, block * SCHEDULES_A_BLOCK)
    const emptyAfter = await emptyLoop()
    rates.push(rate)
    ratios.push((2 * rate) / (emptyBefore + emptyAfter))
    emptyBefore = emptyAfter
  }
  return {
    name: known.pattern.name,
    eventsPerSecond: median(rates),
    ofEmptyLoop: median(ratios),
    blocks: ratios,
  }
}

async function simulated(protocol: SimulatedProtocol<unknown>, known: Explorable, from: number): Promise<number> {
  const began = performance.now()
  const { events } = await explore({
    start: startOf(protocol, known.pattern),
    world: drawn(protocol.worlds),
    mode: { kind: 'random', from, to: from + SCHEDULES_A_BLOCK - 1 },
    failuresMax: Infinity,
  })
  return perSecond(events, began)
}

async function emptyLoop(): Promise<number> {
  const began = performance.now()
  for (let hop = 0; hop < EMPTY_HOPS; hop++) await settle()
  return perSecond(EMPTY_HOPS, began)
}

function perSecond(count: number, began: number): number {
  return (count / (performance.now() - began)) * 1_000
}
