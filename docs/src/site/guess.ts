/** A curve as a reader draws it: a count for each second, which is 0 at first, and null where nothing is drawn. */
export type Guess = readonly (number | null)[]

export function emptyGuess(seconds: number): Guess {
  return [0, ...Array.from({ length: seconds }, () => null)]
}

/** With another count at one second, whole and from 0 to `countMax`. The first one stays, and nothing is outside. */
export function drawnAt(guess: Guess, second: number, count: number, countMax: number): Guess {
  if (second < 1 || second >= guess.length) return guess
  return guess.with(second, Math.max(0, Math.min(countMax, Math.round(count))))
}

/** What is drawn at a second, or at the last one before it. */
export function countAt(guess: Guess, second: number): number {
  return guess.slice(0, second + 1).findLast((count) => count !== null) ?? 0
}

export function encodeGuess(guess: Guess): string {
  return guess.join(',')
}

/** Undefined for what is no guess of so many seconds. */
export function decodeGuess(text: string, seconds: number): Guess | undefined {
  const guess = text.split(',').map((part) => (part === '' ? null : Number(part)))
  return guess.length === seconds + 1 && !guess.some(Number.isNaN) ? guess : undefined
}
