/**
 * Idea      If the limits contradict each other, make the larger one fit.
 * Flaw      Whoever runs the server asked for less memory than it takes, and is not told.
 * Seen by   R5.4-limits-refused: a server that could not queue a message of the longest kind refuses to be made.
 */
import { DEFAULT_LIMITS } from '@switchyard/core'
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const sound = soundBut('any-limits', {})

export const anyLimits: Mutant = {
  seenBy: 'R5.4',
  case: 'R5.4-limits-refused',
  reason: 'was accepted, not refused with a RangeError',
  pattern: {
    ...sound,
    serve(protocol, listener, options = {}) {
      const { messageBytesMax, queuedBytesMax } = { ...DEFAULT_LIMITS, ...options }
      return sound.serve(protocol, listener, { ...options, queuedBytesMax: Math.max(messageBytesMax, queuedBytesMax) })
    },
  },
}
