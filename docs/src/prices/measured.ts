/** One figure of one pattern for one problem, as a run has measured it. */
export interface Figure {
  readonly problem: string
  readonly pattern: string
  /** A guarantee's id, or what was measured, in words. */
  readonly what: string
  /** With its unit. */
  readonly figure: string
  readonly command: string
}

/** `docs/measured.json`. */
export interface Measured {
  readonly made: {
    readonly at: string
    readonly command: string
    readonly machine: string
    readonly commit: string
  }
  readonly figures: readonly Figure[]
}
