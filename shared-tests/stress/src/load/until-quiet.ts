import type { Flood } from './flood.ts'
import type { Seen } from '../server/server.ts'
import type { Stage } from '../stage.ts'

/** A stall stands when none of its senders got rid of anything for so long. */
const QUIET_MS = 250
const SAMPLE_MS = 50
/** A stall that does not stand by then never will: the server, or the machine, takes more and more. */
const STAND_MS = 20_000

/**
 * Whether a stall came to stand. The quiet is counted in samples, each of which the server has answered: a machine that
 * was busy elsewhere is no stall.
 */
export async function untilQuiet(
  stage: Stage,
  floods: readonly Flood[],
  sampled: (sample: Seen) => void = () => {},
): Promise<boolean> {
  const begunAtMs = performance.now()
  let takenBytes = 0
  let quietMs = 0
  while (quietMs < QUIET_MS) {
    if (performance.now() - begunAtMs >= STAND_MS) return false
    await stage.pause(SAMPLE_MS)
    sampled(await stage.seen())
    quietMs = takenBy(floods) === takenBytes ? quietMs + SAMPLE_MS : 0
    takenBytes = takenBy(floods)
  }
  return true
}

/** What all senders together got rid of. */
export function takenBy(floods: readonly Flood[]): number {
  return floods.reduce((sum, flood) => sum + flood.takenBytes, 0)
}
