import type { ChoiceKind, Choices, Schedule } from './choices.ts'
import type { Candidate } from './candidates.ts'
import type { Outcome } from './events.ts'
import { dependent, FOOTPRINT_CLIENTS_MAX } from './footprint.ts'
import type { Simulation } from './simulation.ts'

/** What counts as all. */
export interface ExhaustiveBounds {
  /**
   * At most so many preemptions in one schedule; default: any number. A preemption is an event made by another actor than
   * the event before it, although that one's actor could have gone on (see `actorOf`). When nothing
   * else can happen, the passing of time is nobody's event: whatever follows it preempts nobody. With this bound nothing is pruned.
   */
  readonly preemptionsMax?: number
  /** At most so many segments and writes split in one schedule, whose answers are not 0; default: any number. */
  readonly splitsMax?: number
  /** Default true. Without, every order is run: for proving that pruning leaves nothing out. */
  readonly prune?: boolean
}

export interface ExhaustiveRun<Say> {
  readonly outcome: Outcome<Say>
  readonly schedule: Schedule
}

/** One event of the current schedule and what else could have been in its place. */
interface Step {
  readonly kind: 'step'
  readonly actors: readonly number[]
  /** Which of them it is. */
  index: number
  /** Actors that need not go on from here, each with what its event touches. */
  readonly asleep: Map<number, number>
  /** What this event touches, however its segment or its writes are split. */
  footprint: number
  /** Who made the event before. */
  readonly previous: number | undefined
  readonly preemptions: number
}

/** A segment or a write that can be split, in the event before it. */
interface Split {
  readonly kind: 'split'
  readonly count: number
  answer: number
  readonly splits: number
}

/**
 * Every schedule of a world, depth first. A server's state cannot be copied, so each schedule is run from the beginning:
 * the answers of the one before, up to the last that can be changed, and that changed.
 *
 * Orders that cannot matter are left out by *sleep sets* (Godefroid, Partial-Order Methods, 1996, chapter 5). Two events
 * are independent if neither makes the other possible or impossible and both orders lead to the same state. When all that
 * follows event a has been explored and its sibling b comes next, a falls asleep; below b it stays asleep for as long as
 * only events happen that are independent of it, since what it would lead to then has been seen with a in front. An event
 * that is not independent of it wakes it up.
 *
 * Independence is not declared but observed. Whatever the world consists of is one of these parts: the server (all of its
 * memory, turns and timers); for each client the direction to the server, the direction to the client, whether it reads, and
 * what it knows. An event's footprint is the set of the parts that it looked at or changed, recorded while it happens.
 * Two events with disjoint footprints are independent: neither sees what the other did, and whether one is possible
 * depends on parts that it touches itself. (Two that only look at the same part are, too.) Hence:
 *
 * - Whatever runs the server's code (deliver, accept, connect, turn, shutdown) touches the server: all of these depend
 *   on each other. So does the passing of time where the world lets it; elsewhere it happens only when nothing else can, and is no
 *   choice.
 * - A client's event touches its own connection only and runs no code of the server's. It commutes with other clients'
 *   events, with those of the other direction, and with an event of the server's unless that took from, wrote to or
 *   destroyed this very connection. So a client's read depends on a delivery to *another* connection if this made the
 *   server write to the reader, which finds more or less space.
 * - What a client says, and whether it can say it yet, may depend on what clients know, itself and others. Saying it looks
 *   at what those know, and a read touches that if the reader has learnt something. A read can make a say possible that was
 *   not; but an event asleep is a possible one, and whatever could make it impossible again, or change its bytes, touches
 *   what it looked at and wakes it up.
 *
 * A violation seen by a checker after any event is seen under pruning too, because sleep sets leave out transitions and
 * never states: of two orders that meet again in one state, both ways through the square are walked but for the last step.
 * (This is why there are no persistent sets here: they would leave out more, and states with it.) What a checker must not
 * do is to tell two orders of independent events apart that lead to the same state. A run ends with its first violation,
 * and what could have come after that is not explored.
 *
 * A bound on splits is kept by every order of the same events, so it goes with pruning. A bound on preemptions is not:
 * the order that stands for the others may be beyond it (Coons, Musuvathi, McKinley, OOPSLA 2013). So it goes without.
 */
export class Exhaustive implements Choices {
  readonly #preemptionsMax: number
  readonly #splitsMax: number
  readonly #prune: boolean
  readonly #path: (Step | Split)[] = []
  /** How far the current run has come along the path. */
  #depth = 0
  #previous: number | undefined
  #preemptions = 0
  #splits = 0
  /** For the next new step. */
  #asleep: Map<number, number> = new Map()
  #pruned = 0
  #exhausted = false

  /** Throws RangeError for bounds that are no whole numbers. */
  constructor({ preemptionsMax = Infinity, splitsMax = Infinity, prune = true }: ExhaustiveBounds = {}) {
    for (const [name, bound] of Object.entries({ preemptionsMax, splitsMax })) {
      if (bound !== Infinity && !(Number.isSafeInteger(bound) && bound >= 0)) {
        throw new RangeError(`${name} is ${bound}: it must be a whole number from 0`)
      }
    }
    this.#preemptionsMax = preemptionsMax
    this.#splitsMax = splitsMax
    this.#prune = prune && preemptionsMax === Infinity
  }

  /** Events that were possible and not followed because they were asleep. Each stands for one schedule or more. */
  get pruned(): number {
    return this.#pruned
  }

  /** Every schedule has been run, or pruned. */
  get exhausted(): boolean {
    return this.#exhausted
  }

  /**
   * Runs the next schedule; undefined if it was given up halfway, since all that could go on was asleep. The simulation
   * must be a new one of the same world each time, and must have been given this object as its choices. Throws RangeError
   * for a world with more than six clients.
   */
  async run<Say>(simulation: Simulation<Say>): Promise<ExhaustiveRun<Say> | undefined> {
    if (simulation.clients.length > FOOTPRINT_CLIENTS_MAX) {
      throw new RangeError(`exhaustive exploration is for at most ${FOOTPRINT_CLIENTS_MAX} clients`)
    }
    this.#depth = this.#preemptions = this.#splits = 0
    this.#previous = undefined
    this.#asleep = new Map()
    while (!simulation.over) {
      const candidates = simulation.candidates()
      const step = candidates.length > 0 ? this.#next(candidates) : undefined
      if (candidates.length > 0 && !step) return this.#advance()
      await simulation.step(step && candidates[step.index])
      if (step) this.#happened(step, simulation.footprint.bits)
      else {
        this.#previous = undefined
        this.#asleep = new Map() // Time may have been asleep, and has passed all the same.
      }
    }
    const schedule = this.#schedule()
    this.#advance()
    return { outcome: simulation.outcome(), schedule }
  }

  /** What `Simulation.run` would have been answered: it does not ask where there is one candidate only. */
  #schedule(): Schedule {
    const asked = this.#path.filter((branch) => branch.kind === 'split' || branch.actors.length > 1)
    return asked.map((branch) => (branch.kind === 'split' ? branch.answer : branch.index))
  }

  /** How a segment or a write is split: asked while an event happens. */
  choose(count: number, _kind: ChoiceKind): number {
    let split = this.#path[this.#depth++]
    if (!split) {
      split = { kind: 'split', count, answer: 0, splits: this.#splits }
      this.#path.push(split)
    }
    if (split.kind !== 'split' || split.count !== count) throw new Error(NOT_THE_SAME)
    if (split.answer > 0) this.#splits++
    return split.answer
  }

  #next(candidates: readonly Candidate[]): Step | undefined {
    const actors = candidates.map(({ actor }) => actor)
    const step = this.#path[this.#depth] ?? this.#newStep(actors)
    if (!step) return undefined
    if (step.kind !== 'step' || step.actors.join() !== actors.join()) throw new Error(NOT_THE_SAME)
    this.#depth++
    if (isPreemption(step, step.index)) this.#preemptions++
    return step
  }

  #newStep(actors: readonly number[]): Step | undefined {
    const asleep = this.#asleep
    for (const actor of asleep.keys()) {
      if (!actors.includes(actor)) throw new Error('an event has become impossible by one that it is independent of')
    }
    this.#pruned += asleep.size
    const step: Step = {
      kind: 'step',
      actors,
      index: 0,
      asleep,
      footprint: 0,
      previous: this.#previous,
      preemptions: this.#preemptions,
    }
    const first = this.#from(step, 0)
    if (first === undefined) return undefined
    step.index = first
    this.#path.push(step)
    return step
  }

  #happened(step: Step, footprint: number): void {
    step.footprint |= footprint
    this.#previous = step.actors[step.index]
    if (!this.#prune || this.#depth < this.#path.length) return
    this.#asleep = new Map([...step.asleep].filter(([, touches]) => !dependent(touches, footprint)))
  }

  /** The first event of a step, from the given one on, that is awake and within the bound. */
  #from(step: Step, index: number): number | undefined {
    for (let i = index; i < step.actors.length; i++) {
      if (step.asleep.has(step.actors[i]!)) continue
      if (step.preemptions + (isPreemption(step, i) ? 1 : 0) <= this.#preemptionsMax) return i
    }
    return undefined
  }

  /** To the next schedule: the last answer that can be changed is. */
  #advance(): undefined {
    for (let last = this.#path.at(-1); last; last = this.#path.at(-1)) {
      if (last.kind === 'split') {
        if (last.answer + 1 < last.count && last.splits < this.#splitsMax) {
          last.answer++
          return
        }
      } else {
        if (this.#prune) last.asleep.set(last.actors[last.index]!, last.footprint)
        last.footprint = 0
        const next = this.#from(last, last.index + 1)
        if (next !== undefined) {
          last.index = next
          return
        }
      }
      this.#path.pop()
    }
    this.#exhausted = true
  }
}

const NOT_THE_SAME = 'one schedule ran in two ways: something depends on more than the choices'

function isPreemption({ actors, previous }: Step, index: number): boolean {
  return previous !== undefined && actors[index] !== previous && actors.includes(previous)
}
