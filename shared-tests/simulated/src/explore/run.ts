import { drawn, encodeRun, explore, shrink, startOf } from '@switchyard/sim'
import type { ExploreOptions, Mode, Outcome, SimulatedProtocol, World } from '@switchyard/sim'
import { counts } from './subject.ts'
import type { Explorable, Faulty } from './subject.ts'

export interface Plan {
  readonly mode: Mode
  /** Stop after so long, ms. */
  readonly timeMax?: number
  /** Of what was found: shrinking stops after so long, ms, with what is smallest then. */
  readonly shrinkTimeMax?: number
}

/** What exploring one server has found. */
export interface Explored<Say> {
  readonly name: string
  /** A mutant is as it should be when its fault was found, any other server when none was. */
  readonly asItShould: boolean
  readonly explored: number
  readonly pruned: number
  readonly events: number
  /** Every schedule within the bounds was run, or pruned because its order cannot matter. */
  readonly complete: boolean
  readonly seconds: number
  readonly found: Found<Say> | null
}

interface Found<Say> {
  readonly clause: string
  readonly message: string
  /** The smallest failing run that shrinking found, as `switchyard replay` takes it. */
  readonly line: string
  readonly clients: number
  /** Nothing can be taken away from it any more. */
  readonly minimal: boolean
  readonly afterSchedules: number
  readonly outcome: Outcome<Say>
}

/** Ends even the longest shrinking seen so far, of a world with long messages, with room to spare. */
const SHRINK_RUNS_MAX = 200_000

/** Looks for a violation that counts, and makes the first one small. */
export async function exploreOne<Say>(
  protocol: SimulatedProtocol<Say>,
  known: Explorable | Faulty,
  { mode, timeMax = Infinity, shrinkTimeMax = Infinity }: Plan,
  show: (text: string) => void,
): Promise<Explored<Say>> {
  const { pattern } = known
  const began = performance.now()
  const enough = new AbortController()
  const { speech } = protocol
  const start = startOf(protocol, pattern)
  const options: ExploreOptions<Say> = {
    start,
    world: mode.kind === 'exhaustive' ? exhaustiveWorld(protocol, mode.splitsMax) : drawn(protocol.worlds),
    mode,
    failuresMax: Infinity,
    signal: enough.signal,
    progress: ({ explored, events }, outcome) => {
      if (outcome?.violation && counts(known, outcome.violation)) enough.abort()
      if (performance.now() - began > timeMax) enough.abort()
      if (explored % 500 === 0) show(`Exploring ${pattern.name}: ${explored} schedules, ${events} events`)
    },
  }
  const { failures, ...tally } = await explore(options)
  const seconds = (performance.now() - began) / 1000
  const failure = failures.find(({ violation }) => counts(known, violation))
  if (!failure) return { name: pattern.name, asItShould: !('seenBy' in known), ...tally, seconds, found: null }
  show(`Shrinking what was found in ${pattern.name}`)
  const { world, schedule } = failure
  const late = new AbortController()
  const shrinkingBegan = performance.now()
  let runs = 0
  const shrunk = await shrink<Say>({
    start(smaller, choices) {
      if (performance.now() - shrinkingBegan >= shrinkTimeMax) late.abort()
      if (++runs % 500 === 0) show(`Shrinking what was found in ${pattern.name}: ${runs} runs`)
      return start(smaller, choices)
    },
    speech,
    world,
    schedule,
    runsMax: SHRINK_RUNS_MAX,
    signal: late.signal,
  })
  const found: Found<Say> = {
    ...shrunk.violation,
    line: encodeRun({ pattern: pattern.name, world: shrunk.world, schedule: shrunk.schedule }, speech),
    clients: shrunk.world.clients.length,
    minimal: shrunk.minimal,
    afterSchedules: tally.explored,
    outcome: shrunk.outcome,
  }
  return { name: pattern.name, asItShould: 'seenBy' in known, ...tally, seconds, found }
}

function exhaustiveWorld<Say>(protocol: SimulatedProtocol<Say>, splitsMax = 0): World<Say> {
  return { ...protocol.smallWorld(), prologue: true, cuts: splitsMax > 0 ? 'anywhere' : 'whole' }
}
