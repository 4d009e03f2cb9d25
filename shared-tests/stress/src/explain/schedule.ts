import { GUARANTEES } from '@switchyard/core'
import type { Guarantee } from '@switchyard/core'
import { declaring, exploreOne } from '@switchyard/simulated'
import { ROUTER_SPEECH, routerWith, SIMULATED_ROUTER } from '@switchyard/protocols/router/simulated'
import type { Explorable, Faulty } from '@switchyard/simulated'
import type { RouterSay } from '@switchyard/protocols/router/simulated'
import { encodeRun, ScheduleChoices, startOf } from '@switchyard/sim'
import type { Outcome, SimulatedProtocol, Start, World } from '@switchyard/sim'
import { Held, UnrelatedWait } from './sought.ts'
import { lateReaderSettings, stalledSettings } from './worlds.ts'

/** What a schedule is looked for that leads there. */
export type Sought =
  /** A mutant's fault. */
  | { readonly kind: 'fault'; readonly clause: string }
  /** Unrelated clients wait for one that does not read: judged as if the server declared `declared`. */
  | { readonly kind: 'price'; readonly declared: readonly Guarantee[] }
  /** In the worlds of another protocol: something that the server does not promise, judged as if it declared `declared`. */
  | { readonly kind: 'undeclared'; readonly declared: readonly Guarantee[] }
  /** More is held than R5.4 allows. */
  | { readonly kind: 'unbounded' }
  /** Messages for a client that reads late are lost (R3.4), as the server says itself. */
  | { readonly kind: 'lost' }
  /** Nobody else is concerned; whoever sends to it is held. */
  | { readonly kind: 'held' }

export interface Schedule {
  readonly sought: Sought
  /** Runs until it was found, or given up. */
  readonly explored: number
  /** Null if none was found. */
  readonly found: FoundSchedule | null
}

export interface FoundSchedule {
  /**
   * `plainest`: nothing else happens out of turn, and with one message less it does not come to that; `minimal`: nothing can be
   * taken away; `shrunk`: something might be.
   */
  readonly size: 'plainest' | 'minimal' | 'shrunk'
  /** What `switchyard replay` takes. */
  readonly replay: string
  readonly outcome: Outcome
}

const SEEDS = 10_000
const PRICE: readonly Guarantee[] = ['G2', 'G4']
/** Each message arrives, exactly once. */
const LOST = 'R3.4'

export function soughtIn(known: Explorable | Faulty): Exclude<Sought, { kind: 'undeclared' }> {
  if ('seenBy' in known) return { kind: 'fault', clause: known.seenBy }
  const { guarantees, fails } = known.pattern
  if (!guarantees.G2) return { kind: 'price', declared: PRICE }
  if (!guarantees.G3) return { kind: 'unbounded' }
  return { kind: fails?.includes(LOST) ? 'lost' : 'held' }
}

/** Looks for a schedule under which it happens: in the smallest world first, and in the plainest order of events. */
export async function scheduleOf(known: Explorable | Faulty, show: (text: string) => void): Promise<Schedule> {
  const sought = soughtIn(known)
  if (sought.kind === 'fault') return faultOf(known, sought, show)
  show(`Simulating ${known.pattern.name} with a client that does not read`)
  const start = startUntil(known, sought)
  let explored = 0
  for (const { world, schedule } of sought.kind === 'lost' ? lateReaderSettings() : stalledSettings()) {
    explored++
    const outcome = await start(world, new ScheduleChoices(schedule)).run()
    if (!isIt(sought, outcome)) continue
    return { sought, explored, found: { size: 'plainest', replay: replayOf(known, sought, world, schedule), outcome } }
  }
  return { sought, explored, found: null }
}

async function faultOf(known: Explorable, sought: Sought, show: (text: string) => void): Promise<Schedule> {
  return exploredFor(SIMULATED_ROUTER, known, sought, show)
}

/** The same of any protocol, in worlds of its own: how it comes to something that the pattern does not promise. */
export async function undeclaredOf(
  protocol: SimulatedProtocol<unknown>,
  known: Explorable,
  show: (text: string) => void,
): Promise<Schedule> {
  const declared = GUARANTEES.filter((guarantee) => !known.pattern.guarantees[guarantee])
  const sought = { kind: 'undeclared', declared } as const
  if (declared.length === 0) return { sought, explored: 0, found: null }
  const { found, explored } = await exploredFor(protocol, declaring(known, declared), sought, show)
  const replay = `${found?.replay} --declare ${declared.join(',')}`
  return { sought, explored, found: found && { ...found, replay } }
}

async function exploredFor<Say>(
  protocol: SimulatedProtocol<Say>,
  known: Explorable,
  sought: Sought,
  show: (text: string) => void,
): Promise<Schedule> {
  const plan = { mode: { kind: 'random', from: 0, to: SEEDS - 1 } } as const
  const { explored, found } = await exploreOne(protocol, known, plan, show)
  if (!found) return { sought, explored, found: null }
  const { minimal, line, outcome } = found
  return { sought, explored, found: { size: minimal ? 'minimal' : 'shrunk', replay: line, outcome } }
}

/** What is looked for where a client does not read. */
type Stalled = Exclude<Sought, { kind: 'fault' | 'undeclared' }>

function startUntil(known: Explorable, { kind }: Stalled): Start<RouterSay> {
  const { pattern } = known
  switch (kind) {
    case 'price':
      return startOf(
        routerWith(() => [new UnrelatedWait()]),
        pattern,
      )
    case 'held':
      return startOf(
        routerWith(() => [new Held()]),
        pattern,
      )
    case 'unbounded':
    case 'lost':
      return startOf(SIMULATED_ROUTER, pattern)
  }
}

const CLAUSE_OF: Readonly<Record<Stalled['kind'], string>> = {
  price: UnrelatedWait.clause,
  held: Held.clause,
  unbounded: 'R5.4',
  lost: LOST,
}

function isIt({ kind }: Stalled, { violation }: Outcome): boolean {
  return violation?.clause === CLAUSE_OF[kind]
}

function replayOf(
  { pattern }: Explorable,
  sought: Stalled,
  world: World<RouterSay>,
  schedule: readonly number[],
): string {
  const line = encodeRun({ pattern: pattern.name, world, schedule }, ROUTER_SPEECH)
  return sought.kind === 'price' ? `${line} --declare ${sought.declared.join(',')}` : line
}
