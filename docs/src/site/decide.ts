import type { Guarantee, Guarantees, Order } from '@switchyard/core'

/** What the server is for. The same answer asks for other guarantees in each of them. */
export const PROBLEMS = ['router', 'chat', 'exchange', 'mux', 'epmd', 'nodes'] as const
export type Problem = (typeof PROBLEMS)[number]

/** What somebody needs of a server, as the answers to a few questions. */
export interface Needs {
  readonly problem: Problem
  /** One client that does not read must not be felt by those who have nothing to do with it. */
  readonly isolation: 'always' | 'bursts' | 'no'
  /** All clients must see all messages in one order. */
  readonly totalOrder: boolean
  readonly boundedMemory: boolean
  /** A message to a client that is connected must arrive, however slow it reads. */
  readonly everythingArrives: boolean
  /** What is held must not grow with the number of clients that do not read. */
  readonly manyStalled: boolean
  /** What was decided must lie on a disk before anybody is told, for many clients at a time. */
  readonly durable: boolean
}

/** What is known of one server. */
export interface Candidate {
  readonly name: string
  readonly kind: 'pattern' | 'variant'
  readonly guarantees: Guarantees
  readonly order: Order | undefined
  /** Clauses that it fails, as it says itself. */
  readonly fails: readonly string[]
  readonly codeLines: number | undefined
}

export interface Advice {
  readonly candidate: Candidate
  /** What was asked for and is not given; empty for what fits. */
  readonly lacks: readonly string[]
}

/** All candidates, those that fit first; among these the five before the variants, and then the shorter before the longer. */
export function advise(needs: Needs, candidates: readonly Candidate[]): readonly Advice[] {
  return candidates
    .map((candidate) => ({ candidate, lacks: lacksOf(needs, candidate) }))
    .toSorted(
      (a, b) =>
        a.lacks.length - b.lacks.length ||
        Number(a.candidate.kind === 'variant') - Number(b.candidate.kind === 'variant') ||
        (a.candidate.codeLines ?? Infinity) - (b.candidate.codeLines ?? Infinity),
    )
}

/**
 * Order for everybody and waiting for nobody exclude each other: who is behind makes the others wait, or is left behind. In one connection for
 * many streams total order alone is too much, since two ends that are full wait for each other (G12).
 */
export function contradiction({ problem, isolation, totalOrder }: Needs): boolean {
  return totalOrder && (isolation === 'always' || problem === 'mux')
}

/** What `isolation: 'always'` asks for, and what is felt where it is not given. */
const ISOLATION: Readonly<Record<Problem, readonly [guarantee: Guarantee, felt: string]>> = {
  router: ['G2', 'a reader that stands still stops everybody'],
  chat: ['G9', 'a member that lags stops its room'],
  exchange: ['G10', 'beside a client that reads nothing no heartbeat comes'],
  mux: ['G2', 'a stream that is not read stops the others'],
  epmd: ['G2', 'who does not read its answer keeps others from theirs'],
  nodes: ['G2', 'a client that reads nothing stops its node'],
}

function lacksOf(needs: Needs, { guarantees, order, fails }: Candidate): string[] {
  const lacks: string[] = []
  const [isolating, felt] = ISOLATION[needs.problem]
  if (needs.isolation === 'always' && !guarantees[isolating]) lacks.push(`${felt} (no ${isolating})`)
  if (needs.isolation === 'bursts' && !guarantees.G7) lacks.push('a burst to a slow reader is felt by others (no G7)')
  if (needs.problem === 'mux' && !guarantees.G12) lacks.push('two full ends wait for each other for ever (no G12)')
  if (needs.totalOrder && order !== 'total') lacks.push('no order across destinations')
  if (needs.durable && !guarantees.G11) lacks.push('each decision waits for a sync of its own (no G11)')
  if (needs.boundedMemory && !guarantees.G3) lacks.push('memory without a bound (no G3)')
  if (needs.everythingArrives && (!guarantees.G1 || fails.includes('R3.4')))
    lacks.push('not every message arrives (no G1)')
  if (needs.manyStalled && !guarantees.G8) lacks.push('memory grows with the number of stalled readers (no G8)')
  return lacks
}
