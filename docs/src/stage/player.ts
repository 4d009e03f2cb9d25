import type { Frame } from './frame.ts'
import { pacedRun } from './paced-run.ts'
import { ReplayedRun } from './replayed-run.ts'
import { indexAt } from './run.ts'
import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'
import { serverNamed } from './servers.ts'

/** A scenario, or one line of the simulator's. */
export type Script =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'line'; readonly line: string }

/** One server's place in what is shown. */
export interface Lane {
  readonly run: Run
  /** The index of the frame that is shown. */
  readonly index: number
  readonly frame: Frame
}

/**
 * What is shown of one script: every run of it at one moment. Forward makes more frames as they are needed; back is an
 * index into those that there are. Calls that answer with a promise must not overlap.
 */
export class Player {
  readonly script: Script
  #at = 0
  #runs: Run[]
  #indexes: number[]

  /** Throws LinkError, ReplayLineError or TypeError for a script that cannot be run. */
  constructor(script: Script) {
    this.script = script
    this.#runs = runsOf(script)
    this.#indexes = this.#runs.map(() => 0)
  }

  /** ms from the beginning. */
  get at(): number {
    return this.#at
  }

  /** How many events of this moment are shown, if it has more: a step stops within it. Else undefined. */
  get events(): number | undefined {
    const shown = this.#shownNow()
    const all = sum(this.#runs, (run) => eventsAt(run, indexAt(run.frames, this.#at), this.#at))
    return shown < all ? shown : undefined
  }

  get lanes(): readonly Lane[] {
    return this.#runs.map((run, lane) => ({
      run,
      index: this.#indexes[lane]!,
      frame: run.frames[this.#indexes[lane]!]!,
    }))
  }

  /** The last moment of everything has been reached. */
  get over(): boolean {
    return this.#runs.every((run) => run.over && this.#at >= run.frames.at(-1)!.at)
  }

  /** Goes to a moment, in either direction; of those that happen at it, `events` are shown: all by default. */
  async seek(at: number, events: number = Number.POSITIVE_INFINITY): Promise<void> {
    for (const run of this.#runs) await run.advance(at)
    this.#at = Math.max(0, at)
    this.#indexes = this.#runs.map((run) => indexAt(run.frames, this.#at))
    for (let more = this.#shownNow() - events; more > 0; more--) this.back()
  }

  /** Begins: a scenario with nothing, a line before its first message is sent, since until then clients only connect. */
  async begin(): Promise<void> {
    for (const run of this.#runs) await run.advance(0)
    const [run] = this.#runs
    if (!run || this.script.kind === 'scenario') return
    while (!run.over && run.frames.at(-1)!.letters.length === 0) await run.step()
    const first = run.frames.findIndex(({ letters }) => letters.length > 0)
    await this.seek(first > 0 ? run.frames[first - 1]!.at : 0)
  }

  /** The next event of all: the one lane to which it happens goes on. */
  async step(): Promise<void> {
    for (const [lane, run] of this.#runs.entries()) if (!run.frames[this.#indexes[lane]! + 1]) await run.step()
    const next = this.#lane(
      (frames, index) => frames[index + 1]?.at,
      (a, b) => a < b,
    )
    if (next === undefined) return
    this.#indexes[next]!++
    this.#at = this.#runs[next]!.frames[this.#indexes[next]!]!.at
    for (const run of this.#runs) await run.advance(this.#at)
  }

  /** Takes the latest event back. */
  back(): void {
    const latest = this.#lane(
      (frames, index) => (index > 0 ? frames[index]!.at : undefined),
      (a, b) => a >= b,
    )
    if (latest !== undefined) this.#indexes[latest]!--
    this.#at = Math.max(...this.#runs.map((run, lane) => run.frames[this.#indexes[lane]!]!.at))
  }

  #shownNow(): number {
    return sum(this.#runs, (run, lane) => eventsAt(run, this.#indexes[lane]!, this.#at))
  }

  /** The lane whose frame comes first in an order of times. */
  #lane(
    timeOf: (frames: readonly Frame[], index: number) => number | undefined,
    before: (a: number, b: number) => boolean,
  ): number | undefined {
    let found: number | undefined
    let best = 0
    for (const [lane, run] of this.#runs.entries()) {
      const at = timeOf(run.frames, this.#indexes[lane]!)
      if (at === undefined || (found !== undefined && !before(at, best))) continue
      found = lane
      best = at
    }
    return found
  }

  /**
   * A player for the same scenario in which, from the moment that is shown, a client reads at another pace. What was done
   * later than that is forgotten. It stands at the same moment.
   */
  async withPace(client: number, everyMs: number | 'never'): Promise<Player> {
    if (this.script.kind === 'line') throw new TypeError('a line has its own moves')
    const { scenario } = this.script
    const at = Math.round(this.#at)
    const paces = [
      ...scenario.paces.filter((pace) => pace.at < at || (pace.at === at && pace.client !== client)),
      { at, client, everyMs },
    ]
    const player = new Player({ kind: 'scenario', scenario: { ...scenario, paces } })
    await player.seek(at)
    return player
  }
}

/** How many events of one moment there are up to an index: the first frame is of none. */
function eventsAt({ frames }: Run, index: number, at: number): number {
  let count = 0
  while (count < index && frames[index - count]!.at === at) count++
  return count
}

function sum(runs: readonly Run[], of: (run: Run, lane: number) => number): number {
  return runs.reduce((total, run, lane) => total + of(run, lane), 0)
}

function runsOf(script: Script): Run[] {
  switch (script.kind) {
    case 'line':
      return [new ReplayedRun(script.line)]
    case 'scenario':
      return script.scenario.servers.map((name) => pacedRun(serverNamed(name), script.scenario))
  }
}
