/**
 * Idea      All clients are flushed in the end, however long it takes.
 * Flaw      Whoever runs the server waits for it, and then kills it.
 * Seen by   R5.5-grace-bounds-linger: graceMs bounds a shutdown, whatever lingerMs is.
 */
import type { Mutant } from '../mutant.ts'
import { soundBut } from '../sound.ts'

const FOR_EVER_MS = 2 ** 31 - 1

export const graceWithoutEnd: Mutant = {
  seenBy: 'R5.5',
  case: 'R5.5-grace-bounds-linger',
  reason: 'the end of the shutdown did not come within 400 ms',
  pattern: soundBut('grace-without-end', { limits: () => ({ graceMs: FOR_EVER_MS }) }),
}
