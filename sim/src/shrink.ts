import { RandomChoices, ScheduleChoices } from './choices.ts'
import type { Choices, Schedule } from './choices.ts'
import type { Outcome, Violation } from './events.ts'
import type { Start } from './seeds.ts'
import { encodeRun } from './replay.ts'
import { ScriptedRun } from './scripted-run.ts'
import type { Script } from './scripted-run.ts'
import { singleDepartures, smallerSchedules, smallerWorlds, without } from './shrink-candidates.ts'
import type { Simulation } from './simulation.ts'
import type { Speech } from './speech.ts'
import type { World } from './world.ts'

export interface ShrinkOptions<Say> {
  readonly start: Start<Say>
  readonly speech: Speech<Say>
  readonly world: World<Say>
  readonly schedule: Schedule
  /** Whether it is still the failure that it was at first. Default: the same clause is violated. */
  readonly same?: (violation: Violation, first: Violation) => boolean
  /** Default 20,000. */
  readonly runsMax?: number
  /** In each smaller world in which the schedule does not lead to the failure, so many random ones are tried. Default 50. */
  readonly retries?: number
  /** Stops before the next run. */
  readonly signal?: AbortSignal
  /** Called whenever something smaller has been found. */
  readonly progress?: (shrunk: Shrunk<Say>) => void
}

export interface Shrunk<Say> {
  readonly world: World<Say>
  /** Without zeros at its end. */
  readonly schedule: Schedule
  readonly outcome: Outcome<Say>
  readonly violation: Violation
  readonly runs: number
  /** Nothing can be taken away by itself; false if `runsMax` or `signal` came first. */
  readonly minimal: boolean
}

const RUNS_MAX = 20_000
const RETRIES = 50

/**
 * Makes a failing run smaller for as long as it fails in the same way: first the world (clients, moves, what is said,
 * limits, what else it has), then the schedule (answers deleted or made 0), until no removal of any one thing leaves a
 * failure. Large pieces are tried before small ones (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing
 * Input, TSE 2002). When a world becomes smaller the numbers of a schedule come to mean other events; then its events are
 * tried in their old order, its numbers as they are, and a few random schedules. The same arguments give the same result.
 * Throws TypeError if the given run does not fail.
 */
export async function shrink<Say>(options: ShrinkOptions<Say>): Promise<Shrunk<Say>> {
  const shrinking = await Shrinking.begin(options)
  while (await shrinking.world());
  do {
    while (await shrinking.schedule());
  } while (await shrinking.world())
  return shrinking.result(true)
}

interface Failing<Say> {
  readonly world: World<Say>
  /** Without zeros at its end; so there were more questions than it has answers. */
  readonly schedule: Schedule
  readonly questions: number
  readonly script: Script
  readonly outcome: Outcome<Say>
  readonly violation: Violation
}

class Shrinking<Say> {
  readonly #options: ShrinkOptions<Say>
  readonly #first: Violation
  readonly #runsMax: number
  readonly #seen = new Set<string>()
  #best: Failing<Say>
  #runs = 1

  private constructor(options: ShrinkOptions<Say>, first: Failing<Say>) {
    this.#options = options
    this.#first = first.violation
    this.#best = first
    this.#runsMax = options.runsMax ?? RUNS_MAX
  }

  static async begin<Say>(options: ShrinkOptions<Say>): Promise<Shrinking<Say>> {
    const first = await run(options.start, options.world, new ScheduleChoices(options.schedule))
    if (!first) throw new TypeError('there is nothing to shrink: the run does not fail')
    return new Shrinking(options, first)
  }

  result(done: boolean): Shrunk<Say> {
    const { world, schedule, outcome, violation } = this.#best
    const minimal = done && !this.#enough
    return { world, schedule, outcome, violation, runs: this.#runs, minimal }
  }

  /** Whether a smaller world was found. */
  async world(): Promise<boolean> {
    const { world, schedule, script } = this.#best
    for (const smaller of smallerWorlds(world, this.#options.speech)) {
      const events = script.flatMap(({ actor, splits }) => {
        const now = smaller.actorNow(actor)
        return now === undefined ? [] : [{ actor: now, splits }]
      })
      if (await this.#try(smaller.world, events)) return true
      if (await this.#trySchedule(smaller.world, schedule)) return true
      for (let seed = 0; seed < (this.#options.retries ?? RETRIES); seed++) {
        if (await this.#try(smaller.world, new RandomChoices(seed))) return true
      }
    }
    return false
  }

  /** Whether a smaller schedule was found. */
  async schedule(): Promise<boolean> {
    const { world, schedule, questions, script } = this.#best
    for (const smaller of smallerSchedules(schedule)) if (await this.#trySchedule(world, smaller)) return true
    for (const smaller of without(script)) if (await this.#try(world, smaller)) return true
    if (departures(schedule) < 2) return false
    for (const smaller of singleDepartures(questions, Math.max(...schedule))) {
      if (await this.#trySchedule(world, smaller)) return true
    }
    return false
  }

  get #enough(): boolean {
    return this.#runs >= this.#runsMax || this.#options.signal?.aborted === true
  }

  async #trySchedule(world: World<Say>, schedule: Schedule): Promise<boolean> {
    const line = encodeRun({ pattern: 'any', world, schedule: trimmed(schedule) }, this.#options.speech)
    if (this.#seen.has(line)) return false
    this.#seen.add(line)
    return this.#try(world, new ScheduleChoices(schedule))
  }

  async #try(world: World<Say>, follow: Choices | Script): Promise<boolean> {
    if (this.#enough) return false
    this.#runs++
    const found = await run(this.#options.start, world, follow)
    if (!found || !this.#same(found.violation)) return false
    if (world === this.#best.world && !isSmaller(found.schedule, this.#best.schedule)) return false
    this.#best = found
    this.#options.progress?.(this.result(false))
    return true
  }

  #same(violation: Violation): boolean {
    return this.#options.same?.(violation, this.#first) ?? violation.clause === this.#first.clause
  }
}

async function run<Say>(
  start: Start<Say>,
  world: World<Say>,
  follow: Choices | Script,
): Promise<Failing<Say> | undefined> {
  const scripted = new ScriptedRun(follow)
  const simulation = startable(start, world, scripted)
  if (!simulation) return undefined
  const outcome = await scripted.run(simulation)
  const { violation } = outcome
  const { script, schedule } = scripted
  return violation && { world, schedule: trimmed(schedule), questions: schedule.length, script, outcome, violation }
}

/** Undefined where no server can be: of a world's limits, those that are left may contradict the defaults. */
function startable<Say>(start: Start<Say>, world: World<Say>, choices: Choices): Simulation<Say> | undefined {
  try {
    return start(world, choices)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Fewer departures from the plainest way; or as many, in fewer answers. */
function isSmaller(a: Schedule, b: Schedule): boolean {
  return departures(a) < departures(b) || (departures(a) === departures(b) && a.length < b.length)
}

function departures(schedule: Schedule): number {
  return schedule.filter((answer) => answer > 0).length
}

function trimmed(schedule: Schedule): Schedule {
  return schedule.slice(0, schedule.findLastIndex((answer) => answer > 0) + 1)
}
