/**
 * Which lines of a server ran. For the site and its tests each server file is compiled with a call before every statement
 * (`site/marked.ts`); those calls come here. Nothing else of the file is changed.
 */
const ran = new Map<string, number[]>()

/** More than any event of a small world runs: a server in a loop does not take the page's memory. */
const LINES_MAX = 400

/** For one file, named from the repository's root: what is to be called before each statement, with its line. */
export function marker(file: string): (line: number) => void {
  const lines: number[] = []
  ran.set(file, lines)
  return (line) => {
    if (lines.length < LINES_MAX) lines.push(line)
  }
}

/** The lines of `file` that ran since the last call, in the order in which they ran. */
export function takeLines(file: string): readonly number[] {
  return ran.get(file)?.splice(0) ?? []
}

/** `fn`, but that the lines which it runs do not count. */
export function unheard<T>(file: string, fn: () => T): T {
  const lines = ran.get(file)
  const { length = 0 } = lines ?? {}
  const answer = fn()
  lines?.splice(length)
  return answer
}

/** Lines belong to whoever makes a step, so steps of several servers go one after the other. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve()

  pass<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {}) // Its failure is the business of whoever asked for this work.
    return mine
  }
}

export const turnstile: Turnstile = new Turnstile()
