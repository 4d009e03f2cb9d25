import type { Checker, Event } from '@switchyard/sim'
import { takeLines } from './lines.ts'

interface Heard<Say> {
  readonly event: Event<Say> | undefined
  /** Lines of the server's file that ran because of it. */
  readonly lines: readonly number[]
}

/**
 * What a step was. It stands in front of a run's checker, which hears of each event at once: whoever looks into a server after
 * that (the checker, a camera) runs lines of it too, which do not count.
 */
export class Hearing<Say> {
  readonly #file: string
  #heard: Heard<Say> | undefined

  constructor(file: string) {
    this.#file = file
  }

  before(checker: Checker<Say>): Checker<Say> {
    return {
      after: (event, run) => {
        this.#heard = { event, lines: takeLines(this.#file) }
        return checker.after(event, run)
      },
      rest: (run) => this.unheard(() => checker.rest?.(run)),
      end: (run) => this.unheard(() => checker.end(run)),
    }
  }

  /** The latest event; once. Without one there are the lines that ran before any. */
  take(): Heard<Say> {
    const heard = this.#heard ?? { event: undefined, lines: takeLines(this.#file) }
    this.#heard = undefined
    return heard
  }

  /** Lines that run in `look` do not count. */
  unheard<T>(look: () => T): T {
    const answer = look()
    takeLines(this.#file)
    return answer
  }
}
