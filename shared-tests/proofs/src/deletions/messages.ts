/** What a child is asked: whether the checks notice that this file is not what it was. */
export interface Question {
  /** A built file that exports what the judge judges: a pattern, or the library of services; of `core`, the mutant. */
  readonly module: string
  /** The built file in whose place the mutant is, where the judge does not import it by itself. */
  readonly replaces?: string
  readonly judge: 'pattern' | 'services' | 'core' | 'chat'
  /** Schedules of each kind of world; worlds of services. */
  readonly seeds: number
}

export type Stage = 'simulator' | 'suite'

/** What noticed: `tests` are those of the mutated file's own package. */
export type Answer =
  | { readonly by: 'tests'; readonly clause: string; readonly message: string }
  | { readonly by: 'simulator'; readonly clause: string; readonly message: string; readonly schedules: number }
  | { readonly by: 'suite'; readonly clause: string; readonly message: string }
  | { readonly by: 'nobody' }

export type FromChild =
  /** Still there: nothing in the mutant spins. */
  { readonly kind: 'alive'; readonly stage: Stage } | { readonly kind: 'answer'; readonly answer: Answer }
