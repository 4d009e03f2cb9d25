/** What the command's exit codes mean; the same for every subcommand. */
export const EXIT = {
  /** Passed, or done. */
  passed: 0,
  /** A verdict: something that should hold does not. */
  failed: 1,
  /** No verdict: nothing there that could be judged. */
  undecided: 2,
  /** The command was not understood. */
  misuse: 3,
} as const

/** The user's words do not fit: printed as one sentence, exit code 3. */
export class Misuse extends Error {
  readonly code = 'misuse'
}

/** The command was understood and can't be carried out: printed as one sentence, exit code 1. */
export class Failure extends Error {
  readonly code = 'failure'
}

/** The command was understood, and there is nothing that could be judged: printed as one sentence, exit code 2. */
export class Undecided extends Error {
  readonly code = 'undecided'
}
