import type { ChoiceKind, Choices } from './choices.ts'
import type { Candidate } from './candidates.ts'
import type { Outcome } from './events.ts'
import type { Simulation } from './simulation.ts'

/** A run told by who went on, which still means something when the world is not quite the same any more. */
export type Script = readonly Scripted[]

/** One event: who made it happen, and how its segment and its writes were split. */
export interface Scripted {
  readonly actor: number
  readonly splits: readonly number[]
}

/**
 * Runs a simulation as choices say, or as a script does, and keeps both forms of what it did. A script's actors go on in
 * its order; one that cannot go on yet waits, and where none can, the plainest event is next.
 */
export class ScriptedRun implements Choices {
  readonly schedule: number[] = []
  readonly script: Scripted[] = []
  readonly #choices: Choices | undefined
  #rest: Script
  /** The splits that the script knows for the event that is happening, and those that were asked for. */
  #known: readonly number[] = []
  #splits: number[] = []

  constructor(follow: Choices | Script) {
    this.#choices = 'choose' in follow ? follow : undefined
    this.#rest = 'choose' in follow ? [] : follow
  }

  /** `simulation` must have been given this object as its choices. */
  async run<Say>(simulation: Simulation<Say>): Promise<Outcome<Say>> {
    while (!simulation.over) {
      const candidates = simulation.candidates()
      const index = this.#next(candidates)
      if (candidates.length > 1) this.schedule.push(index)
      const candidate = candidates[index]
      this.#splits = []
      if (candidate) this.script.push({ actor: candidate.actor, splits: this.#splits })
      await simulation.step(candidate)
    }
    return simulation.outcome()
  }

  choose(count: number, kind: ChoiceKind): number {
    const answer = this.#choices?.choose(count, kind) ?? Math.min(this.#known[this.#splits.length] ?? 0, count - 1)
    this.#splits.push(answer)
    this.schedule.push(answer)
    return answer
  }

  #next(candidates: readonly Candidate[]): number {
    const actors = candidates.map(({ actor }) => actor)
    if (this.#choices) return actors.length > 1 ? this.#choices.choose(actors.length, 'next', actors) : 0
    const found = this.#rest.findIndex(({ actor }) => actors.includes(actor))
    const scripted = this.#rest[found]
    this.#known = scripted?.splits ?? []
    if (!scripted) return 0
    this.#rest = [...this.#rest.slice(0, found), ...this.#rest.slice(found + 1)]
    return actors.indexOf(scripted.actor)
  }
}
