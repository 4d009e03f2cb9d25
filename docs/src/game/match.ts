/** One game: the player says which event is next, wherever more than one can be. */
import { describe, renderChart, ScheduleChoices, ScriptedRun } from '@switchyard/sim'
import type { Choices, Outcome, Schedule, Simulation, Speech, Start, World } from '@switchyard/sim'

/** Something that can happen next. */
export interface Offer {
  /** In the words of charts. */
  readonly says: string
  /** Who makes it happen: `actorOf` of the simulator. */
  readonly actor: number
}

/** What a game has come to after some picks. */
export interface Position {
  /** Empty when nothing is left to happen, or the server is broken. */
  readonly offers: readonly Offer[]
  readonly events: number
  readonly violation: Outcome['violation']
  /** What has happened, as `switchyard replay` draws it. */
  readonly chart: string
  readonly waits: string
}

/** What it takes to have a run from its beginning, as often as one likes. */
export interface Table<Say> {
  readonly start: Start<Say>
  readonly world: World<Say>
  readonly speech: Speech<Say>
}

/** Segments and writes are whole: the player decides orders. */
const WHOLE: Choices = { choose: () => 0 }

/** The position after `picks`, each the place of an offer. Where only one event can happen, it does. Throws RangeError for a pick that is none. */
export async function positionAfter<Say>(table: Table<Say>, picks: readonly number[]): Promise<Position> {
  const { simulation } = await played(table, picks)
  const outcome = simulation.outcome()
  const candidates = simulation.over ? [] : simulation.candidates()
  const offers: Offer[] = []
  for (const [index, { actor }] of candidates.entries()) offers.push({ says: await told(table, picks, index), actor })
  return {
    offers,
    events: outcome.events.length,
    violation: outcome.violation,
    chart: renderChart(outcome, table.speech),
    waits: outcome.waits,
  }
}

/**
 * The same order of events on another server, as far as that goes along: an event that it cannot have yet waits, and where it can have none of them
 * the plainest is next.
 */
export async function mirrored<Say>(
  table: Table<Say>,
  picks: readonly number[],
  other: Start<Say>,
): Promise<{ readonly violation: Outcome['violation']; readonly chart: string }> {
  const { actors } = await played(table, picks)
  const run = new ScriptedRun(actors.map((actor) => ({ actor, splits: [] })))
  const outcome = await run.run(other(table.world, run))
  return { violation: outcome.violation, chart: renderChart(outcome, table.speech) }
}

/** A schedule of this table as picks. */
export async function picksOf<Say>({ start, world }: Table<Say>, schedule: Schedule): Promise<readonly number[]> {
  const picks: number[] = []
  const answers = new ScheduleChoices(schedule)
  await start(world, {
    choose(count, kind) {
      const answer = answers.choose(count)
      if (kind === 'next') picks.push(answer)
      return answer
    },
  }).run()
  return picks
}

async function played<Say>(
  { start, world }: Table<Say>,
  picks: readonly number[],
): Promise<{ readonly simulation: Simulation<Say>; readonly actors: readonly number[] }> {
  const simulation = start(world, WHOLE)
  const actors: number[] = []
  const left = [...picks]
  while (!simulation.over) {
    const candidates = simulation.candidates()
    if (candidates.length > 1 && left.length === 0) break
    const pick = candidates.length > 1 ? (left.shift() ?? 0) : 0
    const candidate = candidates[pick]
    if (!candidate && candidates.length > 0) throw new RangeError(`of ${candidates.length} events none has number ${pick}`)
    if (candidate) actors.push(candidate.actor)
    await simulation.step(candidate)
  }
  return { simulation, actors }
}

/** What an offer is called: it is let happen, in a run of its own. */
async function told<Say>(table: Table<Say>, picks: readonly number[], index: number): Promise<string> {
  const { simulation } = await played(table, picks)
  await simulation.step(simulation.candidates()[index])
  const event = simulation.outcome().events.at(-1)
  return event ? describe(event, table.speech) : ''
}
