import type { Random } from '@switchyard/core'
import { PctChoices, RandomChoices } from './choices.ts'
import type { Choices, Schedule } from './choices.ts'
import type { Outcome, Violation } from './events.ts'
import { Exhaustive } from './exhaustive.ts'
import type { ExhaustiveBounds } from './exhaustive.ts'
import { runSeeds } from './seeds.ts'
import type { Seeds, Start } from './seeds.ts'
import type { World } from './world.ts'

export type Mode =
  /** Each seed makes one schedule and, where worlds are generated, one world. `to` is included. */
  | { readonly kind: 'random'; readonly from: number; readonly to: number }
  /** The same with priorities and `changes` of them (see `PctChoices`). `lengthEstimate` defaults to 64. */
  | {
      readonly kind: 'pct'
      readonly from: number
      readonly to: number
      readonly changes: number
      readonly lengthEstimate?: number
    }
  /** Every schedule of one world. */
  | ({ readonly kind: 'exhaustive' } & ExhaustiveBounds)

export interface ExploreOptions<Say> {
  readonly start: Start<Say>
  /** One for all runs; or made anew for each seed. */
  readonly world: World<Say> | Seeds<Say>['world']
  readonly mode: Mode
  /** Stops after so many failures; default 1. */
  readonly failuresMax?: number
  /** Stops after so many runs; default: never. */
  readonly runsMax?: number
  /** Stops before the next run. */
  readonly signal?: AbortSignal
  /** Called after every run, with its outcome if it came to an end. */
  readonly progress?: (progress: Progress, outcome: Outcome<Say> | undefined) => void
}

export interface Progress {
  /** Schedules that were run to their end: rest, or a violation. */
  readonly explored: number
  /** Places where an event was not followed, since all that it leads to had been seen in another order. */
  readonly pruned: number
  /** I/O events in all runs, those given up halfway included. */
  readonly events: number
}

/** A run that can be had again. */
export interface Failure<Say> {
  readonly violation: Violation
  readonly world: World<Say>
  readonly schedule: Schedule
  readonly outcome: Outcome<Say>
  /** Seed of a random run. */
  readonly seed?: number
}

export interface Exploration<Say> extends Progress {
  /** Nothing is left within the bounds. Never true of random runs, nor when failures stopped it. */
  readonly complete: boolean
  /** In the order in which they were found. */
  readonly failures: readonly Failure<Say>[]
}

const LENGTH_ESTIMATE = 64

/** Runs a server under many schedules, until it fails or there are no more. Throws TypeError for exhausting generated worlds. */
export async function explore<Say>(options: ExploreOptions<Say>): Promise<Exploration<Say>> {
  const { mode } = options
  return mode.kind === 'exhaustive' ? exhaust(options, mode) : seeds(options, mode)
}

async function seeds<Say>(options: ExploreOptions<Say>, mode: SeedMode): Promise<Exploration<Say>> {
  const { start, world } = options
  const { from, to } = mode
  const choices = (random: Random): Choices => choicesOf(mode, random.below(2 ** 32))
  const tally = new Tally(options)
  const runs = runSeeds({ start, world: typeof world === 'function' ? world : () => world, choices, from, to })
  while (!tally.enough) {
    const next = await runs.next()
    if (next.done) break
    const { outcome, ...run } = next.value
    tally.count(outcome.events.length, outcome, () => run, 0)
  }
  return tally.result(false)
}

type SeedMode = Exclude<Mode, { kind: 'exhaustive' }>

function choicesOf(mode: SeedMode, seed: number): Choices {
  switch (mode.kind) {
    case 'random':
      return new RandomChoices(seed)
    case 'pct':
      return new PctChoices(seed, mode.changes, mode.lengthEstimate ?? LENGTH_ESTIMATE)
  }
}

async function exhaust<Say>(options: ExploreOptions<Say>, bounds: ExhaustiveBounds): Promise<Exploration<Say>> {
  const { world, start } = options
  if (typeof world === 'function') throw new TypeError('exhaustive exploration is of one world')
  const tally = new Tally(options)
  const exhaustive = new Exhaustive(bounds)
  while (!exhaustive.exhausted && !tally.enough) {
    const simulation = start(world, exhaustive)
    const ran = await exhaustive.run(simulation)
    const failed = (): Pick<Failure<Say>, 'world' | 'schedule'> => ({ world, schedule: ran?.schedule ?? [] })
    tally.count(simulation.outcome().events.length, ran?.outcome, failed, exhaustive.pruned)
  }
  return tally.result(exhaustive.exhausted)
}

/** What has been seen so far, and whether that is enough. */
class Tally<Say> {
  readonly #options: ExploreOptions<Say>
  readonly #failures: Failure<Say>[] = []
  #runs = 0
  #explored = 0
  #pruned = 0
  #events = 0

  constructor(options: ExploreOptions<Say>) {
    this.#options = options
  }

  get enough(): boolean {
    const { failuresMax = 1, runsMax = Infinity, signal } = this.#options
    return this.#failures.length >= failuresMax || this.#runs >= runsMax || signal?.aborted === true
  }

  count(
    events: number,
    outcome: Outcome<Say> | undefined,
    failed: () => Pick<Failure<Say>, 'world' | 'schedule' | 'seed'>,
    pruned: number,
  ): void {
    this.#runs++
    this.#events += events
    this.#pruned = pruned
    if (outcome) this.#explored++
    if (outcome?.violation) this.#failures.push({ ...failed(), violation: outcome.violation, outcome })
    this.#options.progress?.(this.#progress(), outcome)
  }

  result(complete: boolean): Exploration<Say> {
    return { ...this.#progress(), complete, failures: this.#failures }
  }

  #progress(): Progress {
    return { explored: this.#explored, pruned: this.#pruned, events: this.#events }
  }
}
