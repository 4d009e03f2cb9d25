/** Why a deletion changes nothing that a check of behaviour could notice. */
export interface Explanation {
  /** Default: all. */
  readonly patterns?: readonly string[]
  readonly kind?: 'statement' | 'await'
  readonly within?: string
  /** How the deleted text begins. */
  readonly text: string
  readonly why: string
}

export const EXPLANATIONS: readonly Explanation[] = []
