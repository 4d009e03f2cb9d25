import { Random } from '@switchyard/core'

/**
 * Where the world could go either way it asks for a number. The answers, in order, are the schedule: the same answers
 * make the same run, on any machine.
 */
export interface Choices {
  /**
   * A whole number from 0 to `count - 1`; `count` is at least 2. 0 is the plainest way to go on. Where the question is
   * which event is next, `actors` says of each who would make it happen; none occurs twice (see `actorOf`).
   */
  choose(count: number, kind: ChoiceKind, actors?: readonly number[]): number
}

/** `next`: which event is next; `cut`: how much of what is there arrives; `accept`: how much a full-size write gets rid of. */
export type ChoiceKind = 'next' | 'cut' | 'accept'

/** Answers to the questions of one run, in order. Beyond its end every answer is 0. */
export type Schedule = readonly number[]

/** Every answer equally likely. */
export class RandomChoices implements Choices {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  choose(count: number): number {
    return this.#random.below(count)
  }
}

/**
 * Priorities instead of dice (PCT: Burckhardt, Kothari, Musuvathi, Nagarakatte, ASPLOS 2010). Every actor has a random
 * priority, and whoever has the highest goes on for as long as it can; at `changes` moments, chosen beforehand, the one
 * that would go on falls behind everybody else. A flaw that needs d + 1 actors or moments in one order is found with d
 * changes by at least one run in n * k^d, n actors and k questions, where dice may need exponentially many. Here an actor
 * is one that makes events happen, a client's reading or the end of the turn, rather than a thread. How segments and
 * writes are split stays a matter of dice.
 */
export class PctChoices implements Choices {
  readonly #random: Random
  readonly #priorities = new Map<number, number>()
  /** Numbers of questions, the priority that each change leaves behind included. */
  readonly #changes = new Map<number, number>()
  #asked = 0

  /** `lengthEstimate`: about how many times a run asks which event is next. */
  constructor(seed: number, changes: number, lengthEstimate: number) {
    this.#random = new Random(seed)
    for (let change = 0; change < changes; change++) this.#changes.set(this.#random.below(lengthEstimate), -1 - change)
  }

  choose(count: number, kind: ChoiceKind, actors?: readonly number[]): number {
    if (kind !== 'next' || !actors) return this.#random.below(count)
    const change = this.#changes.get(this.#asked++)
    if (change !== undefined) this.#priorities.set(actors[this.#highest(actors)]!, change)
    return this.#highest(actors)
  }

  #highest(actors: readonly number[]): number {
    let highest = 0
    let most = -Infinity
    for (const [index, actor] of actors.entries()) {
      const priority = this.#priorityOf(actor)
      if (priority > most) [highest, most] = [index, priority]
    }
    return highest
  }

  #priorityOf(actor: number): number {
    let priority = this.#priorities.get(actor)
    if (priority === undefined) {
      priority = this.#random.below(2 ** 32)
      this.#priorities.set(actor, priority)
    }
    return priority
  }
}

/** A schedule once more. An answer that is too large becomes the largest that there is: shrinking makes such. */
export class ScheduleChoices implements Choices {
  readonly #schedule: Schedule
  #asked = 0

  constructor(schedule: Schedule) {
    this.#schedule = schedule
  }

  choose(count: number): number {
    return Math.min(this.#schedule[this.#asked++] ?? 0, count - 1)
  }
}

/** Remembers the answers of other choices. */
export class Recording implements Choices {
  readonly schedule: number[] = []
  readonly #choices: Choices

  constructor(choices: Choices) {
    this.#choices = choices
  }

  choose(count: number, kind: ChoiceKind, actors?: readonly number[]): number {
    const answer = this.#choices.choose(count, kind, actors)
    this.schedule.push(answer)
    return answer
  }
}
