import type { Event, Judge } from '@switchyard/sim'
import { takeLines } from './lines.ts'

interface Heard {
  readonly event: Event | undefined
  /** Lines of the server's file that ran because of it. */
  readonly lines: readonly number[]
}

/**
 * What a step was. It stands in front of a run's judge, who hears of each event at once: whoever looks into a server after
 * that (the judge, a camera) runs lines of it too, which do not count.
 */
export class Hearing {
  readonly #file: string
  #heard: Heard | undefined

  constructor(file: string) {
    this.#file = file
  }

  before(judge: Judge): Judge {
    return {
      after: (event, simulation) => {
        this.#heard = { event, lines: takeLines(this.#file) }
        return judge.after(event, simulation)
      },
      rest: (simulation) => this.unheard(() => judge.rest?.(simulation)),
      end: (simulation) => this.unheard(() => judge.end(simulation)),
    }
  }

  /** The latest event; once. Without one there are the lines that ran before any. */
  take(): Heard {
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
