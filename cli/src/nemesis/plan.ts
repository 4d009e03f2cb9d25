import type { Random } from '@switchyard/core'

/** What a nemesis can do, and undo. */
export const TROUBLES = [
  'kill-broker',
  'freeze-broker',
  'kill-node',
  'leave',
  'freeze-node',
  'part',
  'cut',
  'drop',
  'double',
  'delay',
  'rival',
  'alone',
] as const
export type Trouble = (typeof TROUBLES)[number]

export interface Step {
  readonly trouble: Trouble
  /** Which broker or node, counted from 0. */
  readonly victim: number
  /** Until it is undone, ms. */
  readonly forMs: number
  /** Before the next step, ms. */
  readonly restMs: number
}

const STEPS_MAX = 3

/** All that a seed decides. */
export function planOf(random: Random, brokers: number, nodes: number, troubles: readonly Trouble[]): readonly Step[] {
  return Array.from({ length: random.integer(1, STEPS_MAX) }, () => {
    const trouble = troubles[random.below(troubles.length)] ?? 'cut'
    const victim = random.below(trouble.endsWith('broker') ? brokers : nodes)
    return { trouble, victim, forMs: durationOf(trouble, random), restMs: random.integer(0, 500) }
  })
}

/** Some shorter than it takes to notice, some longer. */
function durationOf(trouble: Trouble, random: Random): number {
  switch (trouble) {
    case 'cut':
    case 'rival':
    case 'leave':
    case 'alone':
      return 0
    case 'kill-broker':
    case 'kill-node':
      return random.integer(0, 800)
    case 'drop':
    case 'double':
    case 'delay':
      return random.integer(300, 1_000)
    case 'freeze-broker':
    case 'freeze-node':
    case 'part':
      return random.integer(200, 2_500)
  }
}
