import type { Guarantee } from '@switchyard/core'

/** What a stalled reader does: the part of the stress suite that every comparison runs too. */
export const SHORT: readonly Guarantee[] = ['G2', 'G3', 'G7']
