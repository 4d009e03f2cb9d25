/** What a child is asked: whether the checks notice that this file is not what it was. */
export interface Question {
  /** A built file that exports what the judge judges: a pattern, or the library of services. */
  readonly module: string
  readonly judge: 'pattern' | 'services'
  /** Schedules of each kind of world; worlds of services. */
  readonly seeds: number
}

/** What noticed. */
export type Answer =
  | { readonly by: 'simulator'; readonly clause: string; readonly message: string; readonly schedules: number }
  | { readonly by: 'suite'; readonly clause: string; readonly message: string }
  | { readonly by: 'nobody' }

export type FromChild =
  /** Still there: nothing in the mutant spins. */
  | { readonly kind: 'alive'; readonly stage: 'simulator' | 'suite' }
  | { readonly kind: 'answer'; readonly answer: Answer }
