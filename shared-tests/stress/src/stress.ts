import { GUARANTEES } from '@switchyard/core'
import type { Guarantee } from '@switchyard/core'
import { measureScene, SCENES } from './measure.ts'
import type { Cell, MeasureOptions } from './measure.ts'
import type { Subject } from './subject.ts'
import type { Trial } from './trial.ts'
import { runTrial, TRIALS } from './trials.ts'
import type { Tried } from './trials.ts'

export interface StressOptions extends MeasureOptions {
  /** Default: all. */
  readonly guarantees?: readonly Guarantee[]
  /** Default: all. */
  readonly trials?: readonly Trial['name'][]
  /** Hears what is being measured now. */
  readonly show?: (text: string) => void
}

/** Everything that was measured. Plain data: fit for JSON. */
export interface Stressed {
  /** For each subject in turn, in the order of the guarantees. */
  readonly cells: readonly Cell[]
  readonly trials: readonly Tried[]
}

/** Measures several subjects, one after the other. Rejects only if `signal` is aborted. */
export async function stress(subjects: readonly Subject[], options: StressOptions = {}): Promise<Stressed> {
  const { guarantees = GUARANTEES, trials = TRIALS.map(({ name }) => name), show = () => {}, ...rest } = options
  const cells: Cell[] = []
  const tried: Tried[] = []
  for (const subject of subjects) {
    const own: Cell[] = []
    for (const scene of SCENES) {
      const wanted = scene.shows.filter((id) => guarantees.includes(id))
      if (wanted.length === 0 || !subject.dialect[scene.speaks]) continue
      show(`${subject.name}: ${wanted.join(', ')}`)
      own.push(...(await measureScene(subject, scene, wanted, rest)))
    }
    cells.push(...GUARANTEES.flatMap((id) => own.filter(({ guarantee }) => guarantee === id)))
    for (const trial of TRIALS.filter(({ name }) => subject.dialect.pair && trials.includes(name))) {
      show(`${subject.name}: ${trial.name}`)
      tried.push(await runTrial(subject, trial, rest))
    }
  }
  return { cells, trials: tried }
}
