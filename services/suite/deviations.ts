import type { Choices } from '@switchyard/sim'

interface Question {
  readonly count: number
  answer: number
}

/**
 * Every schedule that leaves the plainest one at most so many times: all answers are 0 but for a few, and every place and
 * every answer is tried. With one deviation each service fails, and stands still, at each of its awaits in turn; with two, so
 * does every pair.
 */
export class Deviations implements Choices {
  readonly #most: number
  readonly #path: Question[] = []
  #asked = 0
  #deviations = 0

  constructor(most: number) {
    this.#most = most
  }

  choose(count: number): number {
    const question = this.#path[this.#asked] ?? { count, answer: 0 }
    this.#path[this.#asked++] = question
    if (question.count !== count)
      throw new Error('one schedule ran in two ways: something depends on more than the choices')
    if (question.answer > 0) this.#deviations++
    return question.answer
  }

  /** To the next schedule, after a run; false when there is none. */
  next(): boolean {
    this.#asked = 0
    for (let last = this.#path.at(-1); last; last = this.#path.at(-1)) {
      if (last.answer > 0) this.#deviations--
      if (last.answer + 1 < last.count && this.#deviations < this.#most) {
        last.answer++
        this.#deviations = 0
        return true
      }
      this.#path.pop()
    }
    return false
  }
}
