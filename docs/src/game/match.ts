/** One game: the player says what happens next, wherever there is a choice. Picks are a schedule, as `switchyard replay` takes it. */
import { describe, renderChart, ScriptedRun } from '@switchyard/sim'
import type { ChoiceKind, Choices, Event, Outcome, Schedule, Simulation, Speech, Start, World } from '@switchyard/sim'

/** What a game has come to after some picks. */
export interface Position {
  /** What can happen next, in the words of charts. Empty when nothing is left to happen, or the server is broken. */
  readonly offers: readonly string[]
  readonly events: number
  readonly violation: Outcome['violation']
  /** What has happened, as `switchyard replay` draws it. */
  readonly chart: string
}

export type Mirrored = Pick<Position, 'violation' | 'chart'>

/** What it takes to have a run from its beginning, as often as one likes. */
export interface Table<Say> {
  readonly start: Start<Say>
  readonly world: World<Say>
  readonly speech: Speech<Say>
}

/** What a write may come to, in the simulator's order. */
const TAKES = [
  'all of what is written is taken',
  'one byte of what is written is taken',
  'half of what is written is taken',
]

/** A run up to the place where the next pick is missing. */
interface Played<Say> {
  readonly simulation: Simulation<Say>
  readonly events: readonly Event<Say>[]
  readonly picked: number
  readonly actors: readonly number[]
  /** How many answers the missing pick may have; 0 at the end. */
  readonly offered: number
  readonly kind: ChoiceKind
}

/** The position after `picks`. Where only one thing can happen, it does. Throws RangeError for a pick that is none. */
export async function positionAfter<Say>(table: Table<Say>, picks: readonly number[]): Promise<Position> {
  const { simulation, events, offered, kind } = await played(table, picks)
  const offers: string[] = []
  for (let pick = 0; pick < offered; pick++) {
    const { simulation: after } = await played(table, [...picks, pick], events.length + 1)
    const event = after.outcome().events[events.length]
    const says = event ? describe(event, table.speech) : ''
    offers.push(kind === 'accept' ? `${says}: ${TAKES[pick] ?? ''}` : says)
  }
  const { violation, waits } = simulation.outcome()
  const shown: Outcome<Say> = offered > 0 ? { events, violation: undefined, waits: '' } : { events, violation, waits }
  return { offers, events: events.length, violation: shown.violation, chart: renderChart(shown, table.speech) }
}

/**
 * The same order of events on another server, as far as that goes along: an event that it cannot have yet waits, and where it can have none of them
 * the plainest is next.
 */
export async function mirrored<Say>(table: Table<Say>, picks: readonly number[], other: Start<Say>): Promise<Mirrored> {
  const { actors } = await played(table, picks)
  const run = new ScriptedRun(actors.map((actor) => ({ actor, splits: [] })))
  const outcome = await run.run(other(table.world, run))
  return { violation: outcome.violation, chart: renderChart(outcome, table.speech) }
}

/** A schedule, which may leave out the plainest answers at its end, as the picks that break the server. */
export async function picksOf<Say>(table: Table<Say>, schedule: Schedule): Promise<readonly number[]> {
  const picks = [...schedule]
  for (;;) {
    const { offered, picked } = await played(table, picks)
    if (offered === 0) return picks.slice(0, picked)
    picks.push(0)
  }
}

/** Answers with the player's picks, and notices where one is missing. */
class Picks implements Choices {
  readonly #picks: readonly number[]
  used = 0
  /** How many answers the missing pick may have; 0 as long as none is missing. */
  missing = 0
  kind: ChoiceKind = 'next'
  #wrong: RangeError | undefined

  constructor(picks: readonly number[]) {
    this.#picks = picks
  }

  choose(count: number, kind: ChoiceKind): number {
    const pick = this.#picks[this.used]
    if (pick === undefined) {
      if (this.missing === 0) this.kind = kind
      this.missing ||= count // What happens now is thrown away: the player says first how.
      return 0
    }
    this.used++
    if (pick >= 0 && pick < count) return pick
    this.#wrong ??= new RangeError(`of ${count} none has number ${pick}`)
    return 0
  }

  /** Not thrown by `choose`, which a server's write may call. */
  throwIfWrong(): void {
    if (this.#wrong) throw this.#wrong
  }
}

async function played<Say>(
  { start, world }: Table<Say>,
  given: readonly number[],
  eventsMax: number = Infinity,
): Promise<Played<Say>> {
  const picks = new Picks(given)
  const simulation = start(world, picks)
  const actors: number[] = []
  let before = 0
  while (!simulation.over && before < eventsMax) {
    const candidates = simulation.candidates()
    const candidate = candidates[candidates.length > 1 ? picks.choose(candidates.length, 'next') : 0]
    if (picks.missing > 0) break
    await simulation.step(candidate)
    if (picks.missing > 0) break
    if (candidate) actors.push(candidate.actor)
    before = simulation.outcome().events.length
  }
  picks.throwIfWrong()
  const events = simulation.outcome().events.slice(0, before)
  return { simulation, events, picked: picks.used, actors, offered: picks.missing, kind: picks.kind }
}
